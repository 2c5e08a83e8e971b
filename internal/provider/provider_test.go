// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fakeSTS answers for account 111122223333 and keeps the roles it was asked for.
type fakeSTS struct {
	*httptest.Server

	mu    sync.Mutex
	roles []string
}

func newFakeSTS(t *testing.T) *fakeSTS {
	t.Helper()
	f := &fakeSTS{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") == "GetCallerIdentity" {
			_, _ = fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
			return
		}
		f.mu.Lock()
		f.roles = append(f.roles, fmt.Sprintf("%s as %s for %ss", r.FormValue("RoleArn"), r.FormValue("RoleSessionName"), r.FormValue("DurationSeconds")))
		f.mu.Unlock()
		_, _ = fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>KEYrole</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></%[1]sResult></%[1]sResponse>`, r.FormValue("Action"))
	}))
	t.Cleanup(f.Close)
	return f
}

// block is a provider block: arguments by name, nested blocks as maps, or slices of maps where there may be several.
type block map[string]any

// unknown stands for a value that is not known yet.
var unknown = struct{}{}

// value gives the arguments the schema's types; what is left out is null, or empty for a block that may be repeated.
func (b block) value(t *testing.T, typ tftypes.Type) tftypes.Value {
	t.Helper()
	return valueOf(t, typ, map[string]any(b))
}

func valueOf(t *testing.T, typ tftypes.Type, v any) tftypes.Value {
	t.Helper()
	if v == unknown {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		if v == nil {
			return tftypes.NewValue(typ, nil)
		}
		given, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("%T for an object", v)
		}
		values := map[string]tftypes.Value{}
		for name, attribute := range typ.AttributeTypes {
			values[name] = valueOf(t, attribute, given[name])
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				t.Fatalf("there is no argument %s", name)
			}
		}
		return tftypes.NewValue(typ, values)
	case tftypes.List:
		_, repeated := typ.ElementType.(tftypes.Object)
		if v == nil && !repeated {
			return tftypes.NewValue(typ, nil)
		}
		elements := []tftypes.Value{}
		given, _ := v.([]any)
		for _, element := range given {
			elements = append(elements, valueOf(t, typ.ElementType, element))
		}
		return tftypes.NewValue(typ, elements)
	}
	return tftypes.NewValue(typ, v)
}

func providerType(t *testing.T) (provider.Provider, provider.SchemaResponse, tftypes.Type) {
	t.Helper()
	p := New("1.2.3")()
	var schema provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &schema)
	return p, schema, schema.Schema.Type().TerraformType(t.Context())
}

// validate is what terraform validate makes of the block.
func validate(t *testing.T, b block) []*tfprotov6.Diagnostic {
	t.Helper()
	p, _, typ := providerType(t)
	value, err := tfprotov6.NewDynamicValue(typ, b.value(t, typ))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := providerserver.NewProtocol6(p)().ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func configure(t *testing.T, b block) provider.ConfigureResponse {
	t.Helper()
	p, schema, typ := providerType(t)
	var resp provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: b.value(t, typ)}}, &resp)
	return resp
}

func mustConfigure(t *testing.T, b block) *providerData {
	t.Helper()
	resp := configure(t, b)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	data, ok := resp.ResourceData.(*providerData)
	if !ok || resp.DataSourceData != any(data) || resp.ActionData != any(data) {
		t.Fatalf("the resources get %v, the data sources %v, the actions %v", resp.ResourceData, resp.DataSourceData, resp.ActionData)
	}
	return data
}

// local connects to the server with static credentials. The profile is named, so that AWS_PROFILE does not matter.
func local(t *testing.T, server *fakeSTS, more block) block {
	t.Helper()
	shared := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(shared, []byte("[default]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := block{
		"region": "eu-west-1", "access_key": "KEYbase", "secret_key": "s",
		"profile": "default", "shared_config_files": []any{shared}, "shared_credentials_files": []any{shared},
		"endpoints": map[string]any{"sts": server.URL, "dynamodb": server.URL},
	}
	maps.Copy(b, more)
	return b
}

func TestProviderSchema(t *testing.T) {
	t.Parallel()
	_, schema, _ := providerType(t)
	if diags := schema.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Fatal(diags)
	}
	for _, name := range []string{
		"region", "profile", "access_key", "secret_key", "token", "shared_config_files", "shared_credentials_files", "max_retries", "retry_mode",
		"custom_ca_bundle", "http_proxy", "https_proxy", "no_proxy", "insecure", "use_fips_endpoint", "use_dualstack_endpoint",
		"skip_credentials_validation", "skip_requesting_account_id", "allowed_account_ids", "forbidden_account_ids", "protected_tables",
	} {
		if attribute, ok := schema.Schema.Attributes[name]; !ok || !attribute.IsOptional() {
			t.Errorf("%s is missing or not optional", name)
		}
	}
	for _, name := range []string{"access_key", "secret_key", "token"} {
		if !schema.Schema.Attributes[name].IsSensitive() {
			t.Errorf("%s is not sensitive", name)
		}
	}
	for _, name := range []string{"assume_role", "assume_role_with_web_identity", "endpoints", "journal"} {
		if schema.Schema.Blocks[name] == nil {
			t.Errorf("there is no block %s", name)
		}
	}
}

func TestValidateProvider(t *testing.T) {
	t.Parallel()
	role := map[string]any{"role_arn": "arn:aws:iam::111122223333:role/a", "duration": "1h"}
	for name, test := range map[string]struct {
		block block
		at    string // Where the error is, empty for none.
	}{
		"empty":         {block{}, ""},
		"roles":         {block{"assume_role": []any{role, role}}, ""},
		"wildcards":     {block{"protected_tables": []any{"prod-*", "*.live_2"}}, ""},
		"other pattern": {block{"protected_tables": []any{"prod-?"}}, `AttributeName("protected_tables").ElementKeyInt(0)`},
		"empty pattern": {block{"protected_tables": []any{""}}, `AttributeName("protected_tables").ElementKeyInt(0)`},
		"account":       {block{"allowed_account_ids": []any{"1234"}}, `AttributeName("allowed_account_ids").ElementKeyInt(0)`},
		"retry mode":    {block{"retry_mode": "legacy"}, `AttributeName("retry_mode")`},
		"retries":       {block{"max_retries": -1}, `AttributeName("max_retries")`},
		"endpoint":      {block{"endpoints": map[string]any{"s3": "localhost:9000"}}, `AttributeName("endpoints").AttributeName("s3")`},
		"role": {
			block{"assume_role": []any{role, map[string]any{"role_arn": "admin"}}}, `AttributeName("assume_role").ElementKeyInt(1).AttributeName("role_arn")`,
		},
		"duration": {
			block{"assume_role_with_web_identity": []any{map[string]any{"role_arn": role["role_arn"], "web_identity_token": "t", "duration": "5m"}}},
			`AttributeName("assume_role_with_web_identity").ElementKeyInt(0).AttributeName("duration")`,
		},
		"not known yet": {block{"region": unknown, "allowed_account_ids": unknown, "assume_role": []any{map[string]any{"role_arn": unknown}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := validate(t, test.block)
			if test.at == "" {
				if len(diags) > 0 {
					t.Errorf("refused: %s: %s", diags[0].Summary, diags[0].Detail)
				}
				return
			}
			if len(diags) != 1 || diags[0].Attribute.String() != test.at {
				t.Errorf("got %+v, want one error at %s", diags, test.at)
			}
		})
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	server := newFakeSTS(t)
	data := mustConfigure(t, local(t, server, block{
		"allowed_account_ids": []any{"111122223333"},
		"protected_tables":    []any{"prod-*"},
		"journal":             map[string]any{"path": "kept/here"},
		"max_retries":         2,
		"assume_role": []any{
			map[string]any{"role_arn": "arn:aws:iam::111122223333:role/a", "session_name": "one", "duration": "1h"},
			map[string]any{"role_arn": "arn:aws:iam::111122223333:role/b", "session_name": "two", "policy_arns": []any{"arn:p"}},
		},
	}))
	want := []string{"arn:aws:iam::111122223333:role/a as one for 3600s", "arn:aws:iam::111122223333:role/b as two for 900s"}
	if !slices.Equal(server.roles, want) {
		t.Errorf("assumed %q, want %q", server.roles, want)
	}
	if got := data.engine.ProtectedTables; !slices.Equal(got, []string{"prod-*"}) {
		t.Errorf("protected tables = %q", got)
	}
	if got := data.engine.Directory; got != "kept/here" {
		t.Errorf("journal = %q", got)
	}
	if got := data.engine.UserAgent; got != "terraform-provider-dynamoops/1.2.3" {
		t.Errorf("user agent = %q", got)
	}
	if data.engine.Now == nil || data.engine.Connections == nil {
		t.Error("the engine lacks its clock or its connections")
	}
}

func TestConfigureWebIdentity(t *testing.T) {
	t.Parallel()
	server := newFakeSTS(t)
	b := local(t, server, block{"assume_role_with_web_identity": []any{map[string]any{
		"role_arn": "arn:aws:iam::111122223333:role/web", "web_identity_token": "t", "session_name": "ci", "duration": "30m",
	}}})
	delete(b, "access_key")
	delete(b, "secret_key")
	mustConfigure(t, b)
	if want := []string{"arn:aws:iam::111122223333:role/web as ci for 1800s"}; !slices.Equal(server.roles, want) {
		t.Errorf("assumed %q, want %q", server.roles, want)
	}
}

func TestDefaultJournal(t *testing.T) {
	server := newFakeSTS(t)
	check := func(want string) {
		t.Helper()
		if got := mustConfigure(t, local(t, server, nil)).engine.Directory; got != want {
			t.Errorf("the journal is %q, want %q", got, want)
		}
	}
	t.Setenv("TF_DATA_DIR", "")
	check(filepath.Join(".terraform", "dynamoops"))
	t.Setenv("TF_DATA_DIR", "elsewhere")
	check(filepath.Join("elsewhere", "dynamoops"))
}

func TestConfigureProblems(t *testing.T) {
	t.Parallel()
	server := newFakeSTS(t)
	for name, test := range map[string]struct {
		change  block
		summary string
		at      path.Path
	}{
		"account":          {block{"allowed_account_ids": []any{"444455556666"}}, "Account Not Allowed", path.Root("allowed_account_ids")},
		"half a key":       {block{"secret_key": nil}, "Incomplete Credentials", path.Root("access_key")},
		"profile":          {block{"profile": "nobody"}, "Profile Not Found", path.Root("profile")},
		"unknown region":   {block{"region": unknown}, "Provider Argument Not Known Yet", path.Root("region")},
		"unknown accounts": {block{"allowed_account_ids": unknown}, "Provider Argument Not Known Yet", path.Root("allowed_account_ids")},
		"unknown account": {
			block{"allowed_account_ids": []any{"111122223333", unknown}}, "Provider Argument Not Known Yet", path.Root("allowed_account_ids").AtListIndex(1),
		},
		"unknown role": {
			block{"assume_role": []any{map[string]any{"role_arn": unknown}}}, "Provider Argument Not Known Yet", path.Root("assume_role").AtListIndex(0).AtName("role_arn"),
		},
		// A plan that does not know all of them would announce the purge of a protected table.
		"unknown protected tables": {block{"protected_tables": unknown}, "Provider Argument Not Known Yet", path.Root("protected_tables")},
		"unknown protected table": {
			block{"protected_tables": []any{"prod-*", unknown}}, "Provider Argument Not Known Yet", path.Root("protected_tables").AtListIndex(1),
		},
		"unknown endpoint": {
			block{"endpoints": map[string]any{"dynamodb": unknown}}, "Provider Argument Not Known Yet", path.Root("endpoints").AtName("dynamodb"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := configure(t, local(t, server, test.change)).Diagnostics
			if len(diags) != 1 || diags[0].Summary() != test.summary {
				t.Fatalf("got %v, want one %q", diags, test.summary)
			}
			located, ok := diags[0].(interface{ Path() path.Path })
			if !ok || !located.Path().Equal(test.at) {
				t.Errorf("got %v, want it at %s", diags[0], test.at)
			}
		})
	}
}

// What is needed only once a run begins may still be unknown.
func TestConfigureKnownLater(t *testing.T) {
	t.Parallel()
	server := newFakeSTS(t)
	for _, journal := range []any{unknown, map[string]any{"path": unknown}} {
		data := mustConfigure(t, local(t, server, block{"journal": journal}))
		if got := data.engine.Directory; got != DefaultJournal() {
			t.Errorf("journal = %q", got)
		}
	}
}
