// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"encoding/json"
	"net/http"
	"strings"
)

// pipelineObject is one object of a pipeline's definition.
type pipelineObject struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Fields []pipelineField `json:"fields"`
}

type pipelineField struct {
	Key         string `json:"key"`
	StringValue string `json:"stringValue,omitempty"`
	RefValue    string `json:"refValue,omitempty"`
}

func (o pipelineObject) field(key string) string {
	for _, field := range o.Fields {
		if field.Key == key {
			return field.StringValue + field.RefValue
		}
	}
	return ""
}

// ClosePipelines refuses to make pipelines, as AWS does for accounts that have none.
func (s *Server) ClosePipelines() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = "AWS Data Pipeline is no longer available to new customers."
}

func (s *Server) servePipeline(w http.ResponseWriter, operation string, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := text(body, "pipelineId")
	if operation == "CreatePipeline" {
		if s.refusal != "" {
			refuse(w, http.StatusBadRequest, "InvalidRequestException", s.refusal)
			return
		}
		made, _ := s.id("df-", "pipeline "+text(body, "uniqueId"))
		if _, ok := s.definitions[made]; !ok {
			s.definitions[made], s.pipelines[made] = nil, text(body, "name")
		}
		answer(w, map[string]any{"pipelineId": made})
		return
	}
	if asked, ok := body["pipelineIds"].([]any); ok && operation == "DescribePipelines" && len(asked) == 1 {
		id, _ = asked[0].(string)
	}
	if _, ok := s.definitions[id]; !ok {
		refuse(w, http.StatusBadRequest, "PipelineNotFoundException", id)
		return
	}
	job := s.runs[id]
	switch operation {
	case "PutPipelineDefinition":
		s.define(w, id, body)
		return
	case "ActivatePipeline":
		s.activate(id)
	case "QueryObjects":
		ids := []string{}
		if job != nil {
			ids = append(ids, instanceID(s.definitions[id]))
		}
		answer(w, map[string]any{"ids": ids, "hasMoreResults": false})
		return
	case "DescribeObjects":
		status := map[state]string{running: "RUNNING", succeeded: "FINISHED", failed: "FAILED", cancelled: "CANCELED"}[job.status()]
		answer(w, map[string]any{"hasMoreResults": false, "pipelineObjects": []pipelineObject{{
			ID: instanceID(
				s.definitions[id],
			), Name: instanceID(s.definitions[id]), Fields: []pipelineField{{Key: "@status", StringValue: status}},
		}}})
		return
	case "DescribePipelines":
		answer(
			w,
			map[string]any{
				"pipelineDescriptionList": []any{map[string]any{"pipelineId": id, "name": s.pipelines[id], "fields": []any{}}},
			},
		)
		return
	case "DeactivatePipeline":
		job.cancel()
	case "DeletePipeline":
		delete(s.definitions, id)
	default:
		refuse(w, http.StatusBadRequest, "UnknownOperationException", operation)
		return
	}
	answer(w, map[string]any{})
}

// define takes a definition that has an activity which runs on a cluster.
func (s *Server) define(w http.ResponseWriter, id string, body map[string]any) {
	raw, err := json.Marshal(body["pipelineObjects"])
	var objects []pipelineObject
	if err == nil {
		err = json.Unmarshal(raw, &objects)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
		return
	}
	activity := activityOf(objects)
	for _, o := range objects {
		if o.ID == activity.field("runsOn") && o.field("type") == "EmrCluster" &&
			strings.HasPrefix(activity.field("step"), "command-runner.jar,spark-submit,") {
			s.definitions[id] = objects
			answer(w, map[string]any{"errored": false})
			return
		}
	}
	answer(
		w,
		map[string]any{
			"errored":          true,
			"validationErrors": []any{map[string]any{"id": activity.ID, "errors": []string{"no step, or nothing to run on"}}},
		},
	)
}

func activityOf(objects []pipelineObject) pipelineObject {
	for _, o := range objects {
		if o.field("type") == "EmrActivity" {
			return o
		}
	}
	return pipelineObject{}
}

func instanceID(objects []pipelineObject) string { return "@" + activityOf(objects).ID + "_1" }

// activate runs the activity's step, of which two backslashes escape a comma. A pipeline on demand runs each time that
// it is activated.
func (s *Server) activate(id string) {
	const comma = "\x00"
	step := strings.ReplaceAll(activityOf(s.definitions[id]).field("step"), `\\,`, comma)
	arguments := strings.Split(step, ",")
	for i, argument := range arguments {
		arguments[i] = strings.ReplaceAll(argument, comma, ",")
	}
	s.mu.Unlock()
	job := s.Submit(id, arguments[2:])
	s.mu.Lock()
	s.runs[id] = job
}
