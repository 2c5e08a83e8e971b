// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package e2e_test

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/controlplane"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

// reset is a table with every setting, and a workspace that recreates it.
type reset struct {
	*workspace
	server  *controlplane.Server
	account *everysetting.Account
	// was is all that AWS said of the table, and id its id.
	was, id string
}

func newReset(t *testing.T) *reset {
	t.Helper()
	return newEverySetting(t, `
resource "dynamoops_table_purge" "reset" {
  table         = "orders"
  method        = "recreate"
  allow         = ["stream", "event_source_mappings", "kinesis"]
  backup_before = true
}
`)
}

// newEverySetting is the table with another configuration.
func newEverySetting(t *testing.T, configuration string, edits ...func(*dynamodb.CreateTableInput)) *reset {
	t.Helper()
	server := controlplane.New(dynamodblocal.Shared(t).URL)
	t.Cleanup(server.Close)
	everysetting.AtOnce(server)
	r := &reset{server: server, account: everysetting.NewAccount(server, cryptorand.Text())}
	table := everysetting.Table()
	for _, edit := range edits {
		edit(table)
	}
	r.account.Create(t, table)
	r.account.Set(t)
	for n := range 3 {
		id := &types.AttributeValueMemberS{Value: fmt.Sprint(n)}
		if _, err := r.account.DynamoDB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: map[string]types.AttributeValue{"id": id, "z": id}}); err != nil {
			t.Fatal(err)
		}
	}
	r.was, r.id = r.account.Everything(t, "orders"), *r.account.Describe(t, "orders").TableId
	r.workspace = newWorkspaceOf(t, []string{"dynamodb", "application_autoscaling", "lambda", "kms"}, server.URL, r.account.AccessKey, configuration)
	return r
}

// start starts an apply, and sees each change that it makes before it is carried out.
func (r *reset) start(see func(apply *running, call controlplane.Call)) *running {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), hung)
	r.t.Cleanup(cancel)
	apply := &running{workspace: r.workspace, command: r.command(ctx, "apply", "-auto-approve", "-no-color"), ended: make(chan struct{})}
	apply.command.Stdout, apply.command.Stderr = &apply.output, &apply.output
	if err := apply.command.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.server.OnRequest(func(call controlplane.Call, _ []byte) error {
		if call.Writes {
			see(apply, call)
		}
		return nil
	})
	go func() {
		defer close(apply.ended)
		apply.err = apply.command.Wait()
	}()
	return apply
}

// finished checks that the table is as it was, but empty and another one.
func (r *reset) finished(attributes map[string]any, resumed bool) {
	r.t.Helper()
	r.server.OnRequest(nil)
	r.account.Settle(r.t, "orders")
	was, is := strings.Split(r.was, "\n"), strings.Split(r.account.Everything(r.t, "orders"), "\n")
	if !slices.Equal(was, is) {
		r.t.Errorf("the table is\n%s\nand was\n%s", strings.Join(is, "\n"), strings.Join(was, "\n"))
	}
	id := *r.account.Describe(r.t, "orders").TableId
	if id == r.id || attributes["table_id_before"] != r.id || attributes["table_id_after"] != id || attributes["resumed"] != resumed {
		r.t.Errorf("the table was %s and is %s; the state says %v", r.id, id, attributes)
	}
	left, err := r.account.DynamoDB.Scan(r.t.Context(), &dynamodb.ScanInput{TableName: aws.String("orders"), Select: types.SelectCount, ConsistentRead: aws.Bool(true)})
	if err != nil || left.Count != 0 {
		r.t.Errorf("there are %+v, %v left", left, err)
	}
	backups, err := r.account.DynamoDB.ListBackups(r.t.Context(), &dynamodb.ListBackupsInput{TableName: aws.String("orders"), BackupType: types.BackupTypeFilterUser})
	if err != nil || len(backups.BackupSummaries) != 1 || *backups.BackupSummaries[0].BackupArn != attributes["backup_arn"] {
		r.t.Errorf("the backups are %+v, %v; the state says %v", backups, err, attributes["backup_arn"])
	}
}

// A recreate whose provider is killed after each of its changes, before it has the answer, is finished by the next apply.
func TestRecreateIsKilled(t *testing.T) {
	t.Parallel()
	const least = 20
	r, changes := newReset(t), atomic.Int64{}
	whole := r.start(func(*running, controlplane.Call) { changes.Add(1) })
	if <-whole.ended; whole.err != nil {
		t.Fatalf("%v\n%s", whole.err, &whole.output)
	}
	for _, warning := range []string{"Warning: Table Is Dropped And Recreated", "Warning: Stream ARN Will Change"} {
		if !strings.Contains(unwrapped(whole.output.String()), warning) {
			t.Errorf("the plan does not say %q:\n%s", warning, &whole.output)
		}
	}
	r.finished(r.state()["dynamoops_table_purge.reset"], false)
	if changes.Load() < least {
		t.Fatalf("a recreate makes %d changes, so little is proved", changes.Load())
	}
	for dies := range changes.Load() {
		t.Run(fmt.Sprint(dies+1), func(t *testing.T) {
			t.Parallel()
			r := newReset(t)
			var made atomic.Int64
			var last controlplane.Call
			var dropped bool
			apply := r.start(func(apply *running, call controlplane.Call) {
				dropped = dropped || call.Operation == "DeleteTable"
				if made.Add(1) != dies+1 {
					return
				}
				last = call
				if err := apply.killProvider(apply.command); err != nil {
					t.Error(err)
				}
				<-apply.ended // Nobody is left to hear the answer.
			})
			<-apply.ended
			if apply.err == nil || made.Load() != dies+1 || len(r.state()) != 0 {
				t.Fatalf("%d changes, error %v, state %v:\n%s", made.Load(), apply.err, r.state(), &apply.output)
			}
			r.server.OnRequest(nil)
			switch {
			case last.Operation == "DeleteTable" || dropped && last.Operation == "CreateTable":
				r.plans("Unfinished Recreate", "the table may not exist at the moment")
			case last.Operation == "CreateTable":
				r.plans("Unfinished Recreate", "before anything of the table was changed")
			case !dropped && last.Operation == "UpdateTable":
				r.plans("Unfinished Recreate", "auto scaling may be suspended")
			}
			r.finished(r.apply()["dynamoops_table_purge.reset"], true)
		})
	}
}

// plans checks what a plan says.
func (r *reset) plans(want ...string) {
	r.t.Helper()
	output, err := r.command(r.t.Context(), "plan", "-no-color").CombinedOutput()
	if err != nil {
		r.t.Fatalf("terraform plan: %v\n%s", err, output)
	}
	for _, text := range want {
		if !strings.Contains(unwrapped(string(output)), text) {
			r.t.Errorf("the plan lacks %q:\n%s", text, output)
		}
	}
}

// Ctrl-C as the table is dropped: the table is made before the provider ends, and the next apply puts the rest back.
func TestRecreateIsInterrupted(t *testing.T) {
	t.Parallel()
	r := newReset(t)
	apply := r.start(func(apply *running, call controlplane.Call) {
		if call.Operation == "DeleteTable" {
			if err := apply.command.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			apply.says("Interrupt received")
		}
	})
	<-apply.ended
	if apply.err == nil || len(r.state()) != 0 {
		t.Fatalf("error %v, state %v:\n%s", apply.err, r.state(), &apply.output)
	}
	if table := r.account.Describe(t, "orders"); table.TableStatus != types.TableStatusActive || *table.TableId == r.id {
		t.Errorf("the table is %+v", table)
	}
	text := unwrapped(apply.output.String())
	for _, want := range []string{"Error: Run Cancelled", "The table was dropped, and is not complete yet.", "Apply again"} {
		if !strings.Contains(text, want) {
			t.Errorf("the output lacks %q:\n%s", want, &apply.output)
		}
	}
	r.finished(r.apply()["dynamoops_table_purge.reset"], true)
}

// running is an apply that is going on. Its error is there once it has ended.
type running struct {
	*workspace
	command *exec.Cmd
	output  output
	ended   chan struct{}
	err     error
}

// says waits until the apply has written the text.
func (a *running) says(text string) {
	for !strings.Contains(a.output.String(), text) {
		select {
		case <-a.ended:
			a.t.Errorf("the apply ended without %q", text)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// output is what a command has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
