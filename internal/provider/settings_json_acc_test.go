// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// Filter criteria that Lambda keeps encrypted are put back by a recreate, and stand in no state.
func TestAccSettingsJSON_withoutEncryptedCriteria(t *testing.T) {
	t.Parallel()
	acceptance(t)
	server, a := tableAccount(t)
	everysetting.AtOnce(server)
	every := everysetting.NewAccount(server, a.accessKey)
	const planted = `{"dynamodb":{"NewImage":{"owner":{"S":["planted-in-criteria"]}}}}`
	_, err := every.Lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
		EventSourceArn: every.Describe(t, "orders").LatestStreamArn, FunctionName: aws.String("audit"), StartingPosition: lambdatypes.EventSourcePositionLatest,
		FilterCriteria: &lambdatypes.FilterCriteria{Filters: []lambdatypes.Filter{{Pattern: aws.String(planted)}}},
		KMSKeyArn:      aws.String(everysetting.CustomerKey),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t)
	w.write("main.tf", a.recreateConfig("method = \"recreate\"\n  allow = [\"event_source_mappings\"]")+"\n"+`data "dynamoops_table" "this" { table = "orders" }`)
	output := w.must("apply", "-auto-approve", "-no-color")
	state, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(state); strings.Contains(text, "planted-in-criteria") || strings.Count(text, "not shown: encrypted with KMSKeyArn") != 2 {
		t.Errorf("the state has the criteria:\n%s", text)
	}
	if strings.Contains(output, "planted-in-criteria") {
		t.Errorf("the output has the criteria:\n%s", output)
	}
	found := every.Mappings(t, aws.ToString(every.Describe(t, "orders").LatestStreamArn))
	if len(found) != 1 {
		t.Fatalf("%d mappings", len(found))
	}
	is, err := every.Lambda.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: found[0].UUID})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(is.FilterCriteria.Filters[0].Pattern); got != planted {
		t.Errorf("the new mapping's criteria are %s", got)
	}
}
