// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// A provider is not told which values are sensitive. So no diagnostic has an endpoint, or a value that does not match what it has to.
func TestAccSensitive_notShown(t *testing.T) {
	t.Parallel()
	acceptance(t)
	a := newAccount(t)
	a.create("from", "id:S")
	a.create("dst", "id:S")
	const variables = `
variable "planted" {
  type      = string
  sensitive = true
}
`
	const endpoint = "http://planted-user:planted-password@127.0.0.1:1/planted-path"
	copyOf := func(source, more string) string {
		return fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source = {
    table = "from"
    %s
  }
  destination = { table = "dst" }
  %s
}`, source, more)
	}
	inBlock := *a
	inBlock.url = "${var.planted}"
	for name, test := range map[string]struct{ config, planted, want string }{
		"endpoint of a side":       {hcl(a.provider("max_retries = 0"), copyOf("endpoint = var.planted", "")), endpoint, "DynamoDB Cannot Be Reached"},
		"endpoint of the provider": {hcl(strings.ReplaceAll(inBlock.provider("max_retries = 0"), `"${var.planted}"`, "var.planted"), copyOf("", "")), endpoint, "DynamoDB Cannot Be Reached"},
		"endpoint of STS":          {hcl(strings.NewReplacer(fmt.Sprintf("%q", a.sts), "var.planted", "= true", "= false").Replace(a.provider("max_retries = 0")), copyOf("", "")), endpoint, "dial tcp"},
		"endpoint that is none":    {hcl(a.provider(), copyOf("endpoint = var.planted", "")), "planted-host:8000", "must be a URL such as http://localhost:8000"},
		"role that is none":        {hcl(a.provider(), copyOf("assume_role = { role_arn = var.planted }", "")), "planted-role", "must be the ARN of an IAM role"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.environment = append(w.environment, "TF_VAR_planted="+test.planted)
			w.write("main.tf", hcl(variables, test.config))
			output, err := w.terraform("plan", "-no-color")
			if err == nil || !saying(test.want).MatchString(output) {
				t.Fatalf("%v\n%s", err, output)
			}
			if strings.Contains(output, "planted-") || strings.Contains(output, "127.0.0.1:1:") {
				t.Errorf("it is shown:\n%s", output)
			}
		})
	}
}
