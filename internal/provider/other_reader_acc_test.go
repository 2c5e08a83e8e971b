// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/pythonpackages"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

// An export that is written here is read by a tool of others, which goes by the same manifests as those of AWS.
func TestAccTableCopy_toS3IsReadByOthers(t *testing.T) {
	t.Parallel()
	acceptance(t)
	packages, err := usercache.Folder(t.Context(), "aws-dynamodb-io-0.1.7", func(folder string) error { return installReader(t.Context(), folder) })
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	store := a.withS3()
	items := orders(100)
	items[7] = with(everyType(), items[7])
	delete(items[7], "text") // It holds U+2028, at which that tool breaks lines.
	a.create("from", "id:S")
	a.create("read", "id:S")
	a.put("from", items...)
	apply(t, resource.TestStep{
		Config: hcl(a.provider(), fmt.Sprintf(`
resource "dynamoops_table_copy" "this" {
  source      = { table = "from" }
  destination = { s3 = { bucket = %q, prefix = "backups" } }
}`, store.bucket)),
		Check: func(state *terraform.State) error {
			folder := state.RootModule().Resources[thisCopy].Primary.Attributes["destination_s3_prefix"]
			export := a.arn("from") + "/export/" + path.Base(folder)
			command := exec.CommandContext(t.Context(), "python3", "testdata/read_export.py", store.bucket, "backups", export, "read")
			for _, variable := range os.Environ() {
				if !strings.HasPrefix(variable, "AWS_") {
					command.Env = append(command.Env, variable)
				}
			}
			command.Env = append(command.Env, "PYTHONPATH="+packages, "AWS_ENDPOINT_URL_S3="+a.s3, "AWS_ENDPOINT_URL_DYNAMODB="+a.url,
				"AWS_ACCESS_KEY_ID="+a.accessKey, "AWS_SECRET_ACCESS_KEY="+a.secretKey, "AWS_REGION="+a.region, "AWS_DEFAULT_REGION="+a.region)
			if output, err := command.CombinedOutput(); err != nil {
				return fmt.Errorf("%w; its output:\n%s", err, output)
			}
			return nil
		},
	})
	equal(t, a.scan("read"), items, "id")
}

// installReader installs the reader into the folder.
func installReader(ctx context.Context, folder string) error {
	requirements, err := os.ReadFile(filepath.Join("testdata", "reader-requirements.txt"))
	if err != nil {
		return err
	}
	return pythonpackages.Install(ctx, folder, requirements)
}
