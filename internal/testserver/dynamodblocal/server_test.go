// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package dynamodblocal

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestMain(m *testing.M) {
	if os.Getenv(startSleepEnv) != "" {
		startSleep()
		return
	}
	os.Exit(Main(m))
}

func createTable(t *testing.T, client *dynamodb.Client, name string) {
	t.Helper()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   aws.String(name),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func hasTable(t *testing.T, client *dynamodb.Client, name string) bool {
	t.Helper()
	tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(tables.TableNames, name)
}

func TestSharedServerSeparatesAccountsAndRegions(t *testing.T) {
	t.Parallel()
	server := Shared(t)
	account, otherAccount := rand.Text(), rand.Text()
	createTable(t, server.Client("eu-west-1", account), "orders")

	tests := map[string]struct {
		region, accessKey string
		want              bool
	}{
		"same":               {"eu-west-1", account, true},
		"another Region":     {"eu-west-2", account, false},
		"another access key": {"eu-west-1", otherAccount, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := hasTable(t, server.Client(test.region, test.accessKey), "orders"); got != test.want {
				t.Errorf("table is there: %t, want %t", got, test.want)
			}
		})
	}
	if Shared(t) != server {
		t.Error("the second call started another server")
	}
}

func TestServerWithSharedDB(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{SharedDB: true, MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	createTable(t, server.Client("eu-west-1", "first"), "orders")
	if !hasTable(t, server.Client("eu-west-2", "second"), "orders") {
		t.Error("the table is not shared")
	}

	for range 2 {
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if answers(t.Context(), server.URL) {
		t.Error("the server answers after Close")
	}
	if _, err := os.Stat(server.temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	other := Shared(t)
	port := portOf(t, other.URL)

	server, err := Start(t.Context(), Options{Port: port})
	if !errors.Is(err, errPortTaken) {
		t.Errorf("got error %v", err)
	}
	if server != nil {
		t.Errorf("got a server at %s", server.URL)
	}
}

func portOf(t *testing.T, url string) int {
	t.Helper()
	address, err := net.ResolveTCPAddr("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return address.Port
}

func TestFailedStartShowsLogAndCleansUp(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	java, err := lookUp("java", "Java")
	if err != nil {
		t.Fatal(err)
	}

	_, err = startOnce(t.Context(), java, t.TempDir(), Options{})
	if err == nil || !strings.Contains(err.Error(), "ServerRunner") {
		t.Errorf("no trace of Java's complaint about the missing class in: %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestStartEndsWithContext(t *testing.T) {
	t.Parallel()
	Shared(t) // the download is not what is cancelled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := Start(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

func TestWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())

	_, err := Start(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), "install a Java runtime, version 17 or newer") {
		t.Errorf("without java: %v", err)
	}
}

func TestSharedNeedsMain(t *testing.T) {
	t.Parallel()
	var alone sharing
	if _, err := alone.take("test"); err == nil || !strings.Contains(err.Error(), "TestMain") {
		t.Errorf("got error %v", err)
	}
}

// A server that has been used enough serves the tests that have it, and no new ones.
func TestSharedServersAreRenewed(t *testing.T) {
	t.Parallel()
	s := sharing{inMain: true, byTest: map[string]*sharedServer{}}
	take := func(test string) *sharedServer {
		t.Helper()
		server, err := s.take(test)
		if err != nil {
			t.Fatal(err)
		}
		return server
	}
	giveBack := func(server *sharedServer) {
		t.Helper()
		if err := s.giveBack(server); err != nil {
			t.Error(err)
		}
	}
	first := take("old")
	for range usesPerServer - 1 {
		giveBack(take("old"))
	}
	second := take("new")
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	if first == second || take("old") != first {
		t.Error("the new test has the server of the old one, or the old one another")
	}
	giveBack(first)
	if !answers(t.Context(), first.URL) {
		t.Error("the server was closed under a test that has it")
	}
	giveBack(first)
	if answers(t.Context(), first.URL) {
		t.Error("the server that nobody has runs on")
	}
	if take("old") != second {
		t.Error("a later subtest of the old test has not the current server")
	}
	giveBack(second)
	giveBack(second)
	if !answers(t.Context(), second.URL) {
		t.Error("the current server was closed")
	}
}
