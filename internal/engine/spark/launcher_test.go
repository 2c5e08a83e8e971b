// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package spark_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/datapipeline"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/spark"
)

// answers stands in for a service that gives the answers, by operation or by method and path, the last one again and again. One
// that begins with a status is an error; where it is empty there is no answer at all.
type answers struct {
	byOperation map[string][]string
	mu          sync.Mutex
	asked       []string
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := r.Method + " " + r.URL.Path
	if _, target, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		operation = target
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, operation)
	left, answer := a.byOperation[operation], "418 Unknown: operation"
	if len(left) > 0 {
		answer = left[0]
		a.byOperation[operation] = left[min(1, len(left)-1):]
	}
	switch status, code, refused := strings.Cut(answer, " "); {
	case answer == "":
		panic(http.ErrAbortHandler)
	case refused && !strings.HasPrefix(answer, "{"):
		var number int
		_, _ = fmt.Sscan(status, &number)
		code, message, _ := strings.Cut(code, ": ")
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(number)
		_, _ = fmt.Fprintf(w, `{"__type": %q, "message": %q}`, code, message)
	default:
		_, _ = w.Write([]byte(answer))
	}
}

// start returns the service, and the configuration with which clients reach it.
func start(t *testing.T, byOperation map[string][]string) (*answers, aws.Config) {
	t.Helper()
	a := &answers{byOperation: byOperation}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return a, aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
}

// An application is removed whatever its state: one that has never started cannot be stopped.
func TestServerlessRemove(t *testing.T) {
	t.Parallel()
	const id = "/applications/00app"
	for state, want := range map[string][]string{
		"CREATED":    {"GET " + id, "GET " + id, "DELETE " + id},
		"STOPPED":    {"GET " + id, "GET " + id, "DELETE " + id},
		"TERMINATED": {"GET " + id},
		"gone":       {"GET " + id},
	} {
		a, config := start(t, map[string][]string{
			"GET " + id: {fmt.Sprintf(`{"application": {"applicationId": "00app", "state": %q}}`, state)}, "DELETE " + id: {"{}"},
		})
		if state == "gone" {
			a.byOperation["GET "+id] = []string{"404 ResourceNotFoundException: gone"}
		}
		if err := spark.NewServerless(emrserverless.NewFromConfig(config)).Remove(t.Context(), spark.Handle{Application: "00app", Made: true}); err != nil {
			t.Errorf("%s: %v", state, err)
		}
		if !slices.Equal(a.asked, want) {
			t.Errorf("%s: asked %q, want %q", state, a.asked, want)
		}
	}
}

// A cluster that was asked for without an answer is looked for, and not asked for again.
func TestClusterIsMadeOnce(t *testing.T) {
	t.Parallel()
	for answer, wantError := range map[string]string{
		"":                              "",
		"500 InternalServerError: busy": "",
		"400 ValidationException: no":   "ValidationException",
	} {
		a, config := start(t, map[string][]string{
			"ListClusters": {`{"Clusters": []}`, `{"Clusters": [{"Id": "j-1", "Name": "token"}]}`}, "RunJobFlow": {answer},
		})
		handle, err := spark.NewCluster(emr.NewFromConfig(config)).Submit(t.Context(), spark.Job{Token: "token", Config: spark.Config{}.WithDefaults()})
		want := []string{"ListClusters", "RunJobFlow"}
		if wantError == "" {
			want = append(want, "ListClusters")
		}
		if wantError == "" && (err != nil || handle.ID != "j-1") || wantError != "" && (err == nil || !strings.Contains(err.Error(), wantError)) {
			t.Errorf("%q: %+v, %v", answer, handle, err)
		}
		if !slices.Equal(a.asked, want) {
			t.Errorf("%q: asked %q, want %q", answer, a.asked, want)
		}
	}
}

// A job that was started before a kill is found, and not started again: a cluster by its name, a pipeline by its id and what it runs.
func TestSubmitFindsTheJob(t *testing.T) {
	t.Parallel()
	a, config := start(t, map[string][]string{
		"ListClusters":    {`{"Clusters": [{"Id": "j-1", "Name": "another"}], "Marker": "more"}`, `{"Clusters": [{"Id": "j-2", "Name": "token"}]}`},
		"CreatePipeline":  {`{"pipelineId": "df-1"}`},
		"QueryObjects":    {`{"ids": ["@Copy_1"], "hasMoreResults": false}`},
		"DescribeObjects": {`{"hasMoreResults": false, "pipelineObjects": [{"id": "@Copy_1", "name": "Copy", "fields": [{"key": "@status", "stringValue": "RUNNING"}]}]}`},
	})
	for want, launcher := range map[string]spark.Launcher{
		"j-2": spark.NewCluster(emr.NewFromConfig(config)), "df-1": spark.NewPipeline(datapipeline.NewFromConfig(config)),
	} {
		if handle, err := launcher.Submit(t.Context(), spark.Job{Token: "token"}); err != nil || handle.ID != want {
			t.Errorf("%+v, %v, want %s", handle, err, want)
		}
	}
	if slices.Contains(a.asked, "RunJobFlow") || slices.Contains(a.asked, "ActivatePipeline") {
		t.Errorf("asked %q", a.asked)
	}
}

// An activity that fails with its cluster has the cluster's reason.
func TestPipelineTellsTheReasonOfItsCluster(t *testing.T) {
	t.Parallel()
	_, config := start(t, map[string][]string{
		"QueryObjects": {`{"ids": ["@Copy_1", "@Cluster_1"], "hasMoreResults": false}`},
		"DescribeObjects": {`{"hasMoreResults": false, "pipelineObjects": [
			{"id": "@Copy_1", "name": "Copy", "fields": [{"key": "@status", "stringValue": "CASCADE_FAILED"}, {"key": "parent", "refValue": "Copy"}]},
			{"id": "@Cluster_1", "name": "Cluster", "fields": [{"key": "@status", "stringValue": "FAILED"}, {"key": "errorMessage", "stringValue": "no such subnet"}]}]}`},
	})
	status, err := spark.NewPipeline(datapipeline.NewFromConfig(config)).Poll(t.Context(), spark.Handle{ID: "df-1"})
	if err != nil || status.State != spark.Failed || status.Detail != "no such subnet." {
		t.Errorf("%+v, %v", status, err)
	}
}

// Only a refusal that speaks of new customers is told as that of the account.
func TestPipelineRefusals(t *testing.T) {
	t.Parallel()
	for message, closed := range map[string]bool{
		"AWS Data Pipeline is no longer available to new customers.": true,
		"uniqueId is too long": false,
	} {
		_, config := start(t, map[string][]string{"CreatePipeline": {"400 InvalidRequestException: " + message}})
		_, err := spark.NewPipeline(datapipeline.NewFromConfig(config)).Submit(t.Context(), spark.Job{Token: "token"})
		if p, ok := errors.AsType[*problem.Problem](err); ok != closed || ok && p.Summary != "Data Pipeline Refuses The Account" {
			t.Errorf("%s: %v", message, err)
		}
		if !spark.Refused(err) || !spark.Lasting(err) {
			t.Errorf("%s: not a refusal: %v", message, err)
		}
	}
}

// A job that AWS does not know any more has ended.
func TestJobsThatAreGone(t *testing.T) {
	t.Parallel()
	_, config := start(t, map[string][]string{
		"GET /applications/00app/jobruns/00job": {"404 ResourceNotFoundException: gone"}, "QueryObjects": {"400 PipelineDeletedException: gone"},
	})
	for _, test := range []struct {
		launcher spark.Launcher
		job      spark.Handle
	}{
		{spark.NewServerless(emrserverless.NewFromConfig(config)), spark.Handle{ID: "00job", Application: "00app"}},
		{spark.NewPipeline(datapipeline.NewFromConfig(config)), spark.Handle{ID: "df-1"}},
	} {
		if status, err := test.launcher.Poll(t.Context(), test.job); err != nil || status.State != spark.Cancelled {
			t.Errorf("%+v, %v", status, err)
		}
	}
}
