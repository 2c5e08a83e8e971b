// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"net/http"
	"slices"
)

func (s *Server) serveCluster(w http.ResponseWriter, operation string, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := text(body, "ClusterId")
	switch operation {
	case "RunJobFlow":
		s.runJobFlow(w, body)
	case "ListClusters":
		s.listClusters(w, body)
	case "DescribeCluster", "ListSteps":
		job := s.runs[id]
		if job == nil {
			refuse(w, http.StatusBadRequest, "InvalidRequestException", "Cluster id '"+id+"' is not valid.")
			return
		}
		if operation == "ListSteps" {
			answer(
				w,
				map[string]any{
					"Steps": []any{map[string]any{"Name": s.clusters[id], "Status": map[string]any{"State": map[state]string{
						running: "RUNNING", succeeded: "COMPLETED", failed: "FAILED", cancelled: "CANCELLED",
					}[job.status()]}}},
				},
			)
			return
		}
		answer(
			w,
			map[string]any{
				"Cluster": map[string]any{"Id": id, "Name": s.clusters[id], "Status": map[string]any{"State": clusterState(job)}},
			},
		)
	case "TerminateJobFlows":
		ids, _ := body["JobFlowIds"].([]any)
		for id, job := range s.runs {
			if slices.Contains(ids, any(id)) {
				job.cancel()
			}
		}
		answer(w, map[string]any{})
	default:
		refuse(w, http.StatusBadRequest, "UnknownOperationException", operation)
	}
}

func clusterState(job *Job) string {
	return map[state]string{running: "RUNNING", succeeded: "TERMINATED", failed: "TERMINATED_WITH_ERRORS", cancelled: "TERMINATED"}[job.status()]
}

func (s *Server) runJobFlow(w http.ResponseWriter, body map[string]any) {
	steps, _ := body["Steps"].([]any)
	if len(steps) != 1 || text(body, "ServiceRole") == "" || text(body, "JobFlowRole") == "" ||
		text(body, "ReleaseLabel") == "" {
		refuse(w, http.StatusBadRequest, "ValidationException", "not a cluster with roles, a release and one step")
		return
	}
	step, _ := steps[0].(map[string]any)
	jar, _ := step["HadoopJarStep"].(map[string]any)
	var arguments []string
	given, _ := jar["Args"].([]any)
	for _, argument := range given {
		if a, ok := argument.(string); ok {
			arguments = append(arguments, a)
		}
	}
	if text(jar, "Jar") != "command-runner.jar" || len(arguments) < 2 || arguments[0] != "spark-submit" {
		refuse(w, http.StatusBadRequest, "ValidationException", "the step is not spark-submit")
		return
	}
	id, _ := s.id("j-", "")
	s.clusters[id] = text(body, "Name")
	s.mu.Unlock()
	job := s.Submit(text(body, "Name"), arguments[1:])
	s.mu.Lock()
	s.runs[id] = job
	answer(w, map[string]any{"JobFlowId": id})
}

func (s *Server) listClusters(w http.ResponseWriter, body map[string]any) {
	wanted, _ := body["ClusterStates"].([]any)
	found := []any{}
	for id, name := range s.clusters {
		if state := clusterState(s.runs[id]); slices.Contains(wanted, any(state)) {
			found = append(found, map[string]any{"Id": id, "Name": name, "Status": map[string]any{"State": state}})
		}
	}
	answer(w, map[string]any{"Clusters": found})
}
