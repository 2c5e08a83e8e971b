// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/provider"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/terraformcli"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/worker"
)

// serveProvider, when it is set in the environment, makes this test binary the provider: tests that run Terraform by
// themselves let it start the binary.
const serveProvider = "DYNAMOOPS_TEST_SERVE_PROVIDER"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(worker.Main("test")) // The binary that runs is what the method emr takes to the cluster.
	}
	if os.Getenv(serveProvider) != "" {
		if err := provider.Serve("test", false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	_ = flag.Set("test.parallel", "6") // What AWS does is waited for most of the time. The flag is there in every test.
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	if os.Getenv(resource.EnvTfAcc) == "" {
		return dynamodblocal.Main(m) // The acceptance tests are skipped.
	}
	cli, err := terraformcli.Path()
	if err == nil {
		// Thousands of short runs of the CLI spend a third of their time on collecting garbage that would end with them.
		err = errors.Join(os.Setenv("TF_ACC_TERRAFORM_PATH", cli), os.Setenv("GOGC", "400"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return dynamodblocal.Main(m)
}

// factories serve the provider inside the test process.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"dynamoops": providerserver.NewProtocol6WithError(provider.New("test")()),
}

// acceptance skips the test where acceptance tests are not asked for.
func acceptance(t *testing.T) {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("acceptance tests are skipped unless TF_ACC is set")
	}
}

// apply runs the steps with the provider.
func apply(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

// saying matches an error of Terraform that says the texts, one after the other.
func saying(texts ...string) *regexp.Regexp {
	// Terraform breaks lines and draws a frame around them.
	var pattern strings.Builder
	pattern.WriteString("(?s)")
	for i, text := range texts {
		if i > 0 {
			pattern.WriteString(".*")
		}
		words := strings.Fields(text)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		pattern.WriteString(strings.Join(words, `[\s│╷╵]+`))
	}
	return regexp.MustCompile(pattern.String())
}

// hcl joins blocks of configuration.
func hcl(blocks ...string) string { return strings.Join(blocks, "\n") }
