// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/journal"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/everysetting"
)

const (
	pairRounds  = 60
	pairWorkers = 4
	// pairSeed is the environment variable with the seed of a run of the test that is to be repeated.
	pairSeed = "DYNAMOOPS_TEST_SEED"
)

// After each of 60 random pairs of runs on one table, of which the first is complete, interrupted or killed and then applied again, the
// items and the settings are what the runs that succeeded say. A run that fails says why.
func TestRandomPairsOfRuns(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	if given := os.Getenv(pairSeed); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d repeats this", pairSeed, seed)
	var counted outcomes
	t.Run("rounds", func(t *testing.T) {
		for worker := range pairWorkers {
			t.Run(fmt.Sprint("worker ", worker), func(t *testing.T) {
				t.Parallel()
				p := newPairs(t)
				for round := worker; round < pairRounds; round += pairWorkers {
					p.round(t, round, rand.New(rand.NewPCG(seed, uint64(round))), &counted)
				}
			})
		}
	})
	for _, outcome := range []string{"first succeeded", "first interrupted", "first killed", "second succeeded", "again succeeded"} {
		t.Logf("%s in %d of %d rounds", outcome, counted.times[outcome], pairRounds)
		if counted.times[outcome] == 0 {
			t.Errorf("%s in no round", outcome)
		}
	}
}

// outcomes counts how runs ended.
type outcomes struct {
	mu    sync.Mutex
	times map[string]int
}

func (o *outcomes) count(outcome string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.times == nil {
		o.times = map[string]int{}
	}
	o.times[outcome]++
}

// pairs is an account whose runs can be ended at any request. A request that has arrived is carried out, whatever becomes of its run.
type pairs struct {
	*cancelling
	front *httptest.Server
	seen  atomic.Pointer[func(operation string) (dead bool)]
	under sync.WaitGroup
}

func newPairs(t *testing.T) *pairs {
	t.Helper()
	p := &pairs{cancelling: newCancelling(t)}
	for _, operation := range []string{"ExportTableToPointInTime", "ImportTable", "RestoreTableFromBackup", "UpdateTimeToLive"} {
		p.plane.SetLooks(operation, 0)
	}
	p.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.under.Add(1)
		defer p.under.Done()
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if see := p.seen.Load(); see != nil && (*see)(operation) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		p.plane.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	}))
	t.Cleanup(p.front.Close)
	p.create("other")
	p.put("other", "other", 30, 90)
	p.recover("other")
	return p
}

// put puts the items of these numbers, which say where they are from.
func (p *pairs) put(table, from string, first, end int) {
	p.t.Helper()
	for ; first < end; first += 25 {
		var writes []types.WriteRequest
		for i := first; i < min(first+25, end); i++ {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"id": &types.AttributeValueMemberS{Value: fmt.Sprint(i)}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(i % 10)}, "from": &types.AttributeValueMemberS{Value: from},
			}}})
		}
		if _, err := p.db.BatchWriteItem(p.t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}}); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *pairs) recover(table string) {
	p.t.Helper()
	if _, err := p.db.UpdateContinuousBackups(p.t.Context(), recoverable(table)); err != nil {
		p.t.Fatal(err)
	}
}

// telling are the operations at which a run is ended: before the others nothing has happened.
var telling = map[string]bool{
	"BatchWriteItem": true, "Scan": true, "StartBulkPutItems": true, "DescribeBulkOperation": true, "ExportTableToPointInTime": true, "DescribeExport": true, "ImportTable": true,
	"DescribeImport": true, "CreateBackup": true, "RestoreTableFromBackup": true, "DeleteTable": true, "CreateTable": true, "TagResource": true, "UpdateTimeToLive": true, "DeleteBackup": true,
}

// round is one of the test's.
func (p *pairs) round(t *testing.T, number int, random *rand.Rand, counted *outcomes) {
	source, table, out := fmt.Sprint("source-", number), fmt.Sprint("table-", number), fmt.Sprint("out-", number)
	p.create(source)
	p.put(source, "source", 0, 60)
	p.recover(source)
	p.create(out)
	all := p.runs(number, source, table, out)
	first := all[random.IntN(len(all))]
	second := all[random.IntN(len(all))]
	for second.name == first.name {
		second = all[random.IntN(len(all))]
	}
	was := ""
	if !strings.HasPrefix(first.name, "new: ") {
		p.create(table)
		p.put(table, "table", 80, 130)
		if _, err := p.db.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName: &table, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("until"), Enabled: aws.Bool(true)},
		}); err != nil {
			t.Fatal(err)
		}
		was = p.account().Everything(t, table)
	}
	end := []string{"", "interrupted", "killed", "killed"}[random.IntN(4)]
	shared, settled, at := random.IntN(3) > 0, random.IntN(2) == 0, 1+random.IntN(8)
	what := fmt.Sprintf("round %d: %s, %s at %d; then %s; journals shared: %t", number, first.name, end, at, second.name, shared)
	t.Log(what)

	directory := t.TempDir()
	one := p.engineIn(directory)
	two := p.engineIn(directory)
	if !shared {
		two.Journal = journal.Local(t.TempDir())
	}
	p.plane.SetLooks("StartBulkPutItems", 0)
	if end != "" {
		p.plane.SetLooks("StartBulkPutItems", 2)
	}
	result, err := p.ended(t, one, first, end, at)
	p.plane.SetLooks("StartBulkPutItems", 0)
	claims := map[string]func() error{}
	check := func(when string) {
		t.Helper()
		for name, claim := range claims {
			if err := claim(); err != nil {
				t.Errorf("%s\n%s, after the success of %q: %v", what, when, name, err)
			}
		}
	}
	tell := func(run pairRun, result *engine.Result, err error) bool {
		t.Helper()
		if err == nil {
			claims = map[string]func() error{run.name: run.holds(result)} // What the one before has said may not hold any more.
			return true
		}
		for _, problem := range problem.All(err) {
			if problem.Summary == "Unexpected Error" || problem.Cause == "" {
				t.Errorf("%s\n%q fails with %+v", what, run.name, problem)
			}
		}
		t.Logf("round %d: %q: %v", number, run.name, problem.All(err)[0])
		return false
	}
	switch {
	case err == nil:
		counted.count("first succeeded")
		tell(first, result, nil)
	case end == "killed":
		counted.count("first killed")
	default:
		counted.count("first interrupted")
	}
	check("after the first")
	if settled {
		p.settle(table)
	}
	stop := p.endImportsMeanwhile()
	result, secondErr := second.do(t.Context(), two)
	stop()
	if tell(second, result, secondErr) {
		counted.count("second succeeded")
	}
	check("after the second")
	p.settle(table) // What AWS still did.
	check("when AWS has come to the end")

	if err != nil {
		result, again := first.do(t.Context(), one)
		// What another journal knows is not known to a run that resumes.
		if knows := shared || secondErr != nil; again != nil || knows || !result.Resumed {
			if tell(first, result, again) {
				counted.count("again succeeded")
			}
			check("after the first was applied again")
		}
		err = again
		p.settle(table)
	}
	// A recreate that is not finished leaves a table that is not there, or not as it was.
	if unfinished := first.name == "recreate" && err != nil || second.name == "recreate" && secondErr != nil; was != "" && !unfinished {
		lines := strings.Split(was, "\n")
		for i, is := range strings.Split(p.account().Everything(t, table), "\n") {
			if is != lines[i] {
				t.Errorf("%s\nthe table was\n%s\nand is\n%s", what, lines[i], is)
			}
		}
	}
}

// account reads settings with the SDK.
func (p *pairs) account() *everysetting.Account {
	return everysetting.NewAccount(p.plane, p.settings.AccessKey)
}

// engineIn is an engine of a process of its own.
func (p *pairs) engineIn(directory string) *engine.Engine {
	e := p.engineAt(p.front.URL)
	e.Journal, e.Directory = journal.Local(directory), directory
	return e
}

// ended does the run, which ends in that way at that request, if it comes to it.
func (p *pairs) ended(t *testing.T, e *engine.Engine, run pairRun, end string, at int) (*engine.Result, error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var dead atomic.Bool
	var requests atomic.Int64
	usual := e.Journal
	defer func() { e.Journal = usual }()
	e.Journal = mortal{usual, &dead}
	see := func(operation string) bool {
		if dead.Load() {
			return true
		}
		if end != "" && telling[operation] && requests.Add(1) == int64(at) {
			dead.Store(end == "killed")
			cancel()
		}
		return false
	}
	p.seen.Store(&see)
	result, err := run.do(ctx, e)
	p.under.Wait()
	p.seen.Store(nil)
	if dead.Load() && err == nil {
		err = errors.New("killed")
	}
	return result, err
}

// settle has AWS come to the end of what it does with the table.
func (p *pairs) settle(table string) {
	p.t.Helper()
	p.endBulkPuts()
	p.endImports()
	for range 3 {
		_, _ = p.db.DescribeTable(p.t.Context(), &dynamodb.DescribeTableInput{TableName: &table}) // Which need not be there.
	}
}

// endImports has AWS come to the end of the imports.
func (p *pairs) endImports() {
	imports, err := p.db.ListImports(p.t.Context(), &dynamodb.ListImportsInput{})
	if err != nil {
		p.t.Error(err)
		return
	}
	for _, load := range imports.ImportSummaryList {
		if _, err := p.db.DescribeImport(p.t.Context(), &dynamodb.DescribeImportInput{ImportArn: load.ImportArn}); err != nil {
			p.t.Error(err)
		}
	}
}

// endImportsMeanwhile has AWS come to the end of an import that an interrupted run has begun while the next one waits for its table. The
// function returned stops that.
func (p *pairs) endImportsMeanwhile() (stop func()) {
	var looks atomic.Int64
	see := func(operation string) bool {
		if operation == "DescribeTable" && looks.Add(1) == 4 {
			p.endImports()
		}
		return false
	}
	p.seen.Store(&see)
	return func() { p.seen.Store(nil) }
}
