// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"net/http"
	"strings"
)

// application is one of EMR Serverless.
type application struct{ name, state string }

// AddApplication makes an application, as a user has one, and returns its id.
func (s *Server) AddApplication() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, _ := s.id("00app", "")
	s.applications[id] = &application{name: "of the user", state: "CREATED"}
	return id
}

func (s *Server) serveServerless(w http.ResponseWriter, r *http.Request, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method == http.MethodPost && len(path) == 1 {
		s.createApplication(w, body)
		return
	}
	var app *application
	if len(path) > 1 {
		app = s.applications[path[1]]
	}
	if path[0] != "applications" || app == nil {
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", r.URL.Path)
		return
	}
	switch r.Method + " " + strings.Join(path[2:], "/") {
	case "GET ":
		answer(
			w,
			map[string]any{
				"application": map[string]any{
					"applicationId": path[1],
					"name":          app.name,
					"state":         app.state,
					"type":          "SPARK",
					"releaseLabel":  "emr-7.11.0",
					"arn":           "arn:aws:emr-serverless:::" + path[1],
					"createdAt":     0,
					"updatedAt":     0,
				},
			},
		)
		return
	case "DELETE ":
		if app.state != "CREATED" && app.state != "STOPPED" {
			refuse(w, http.StatusBadRequest, "ValidationException", "the application is "+app.state)
			return
		}
		delete(s.applications, path[1])
		answer(w, map[string]any{})
		return
	case "POST start":
		app.state = "STARTED"
	case "POST stop":
		app.state = "STOPPED"
	case "POST jobruns":
		s.startJobRun(w, path[1], body)
		return
	default:
		s.serveJobRun(w, r.Method, path)
		return
	}
	answer(w, map[string]any{})
}

func (s *Server) createApplication(w http.ResponseWriter, body map[string]any) {
	if text(body, "type") != "SPARK" || text(body, "releaseLabel") == "" || text(body, "clientToken") == "" {
		refuse(w, http.StatusBadRequest, "ValidationException", "type, releaseLabel or clientToken is missing")
		return
	}
	id, isNew := s.id("00app", "application "+text(body, "clientToken"))
	if isNew {
		s.applications[id] = &application{name: text(body, "name"), state: "CREATED"}
	}
	answer(w, map[string]any{"applicationId": id, "name": text(body, "name"), "arn": "arn:aws:emr-serverless:::" + id})
}

func (s *Server) startJobRun(w http.ResponseWriter, app string, body map[string]any) {
	script := text(body, "jobDriver", "sparkSubmit", "entryPoint")
	if text(body, "executionRoleArn") == "" || script == "" || text(body, "clientToken") == "" {
		refuse(w, http.StatusBadRequest, "ValidationException", "executionRoleArn, entryPoint or clientToken is missing")
		return
	}
	s.applications[app].state = "STARTED" // Applications start with their first job.
	id, isNew := s.id("00job", "job "+app+text(body, "clientToken"))
	if isNew {
		arguments := strings.Fields(text(body, "jobDriver", "sparkSubmit", "sparkSubmitParameters"))
		s.mu.Unlock()
		job := s.Submit(text(body, "name"), append(arguments, script))
		s.mu.Lock()
		s.runs[id] = job
	}
	answer(w, map[string]any{"applicationId": app, "jobRunId": id, "arn": "arn:aws:emr-serverless:::" + id})
}

// serveJobRun answers what concerns applications/ID/jobruns/ID.
func (s *Server) serveJobRun(w http.ResponseWriter, method string, path []string) {
	var job *Job
	if len(path) == 4 && path[2] == "jobruns" {
		job = s.runs[path[3]]
	}
	if job == nil {
		refuse(w, http.StatusNotFound, "ResourceNotFoundException", strings.Join(path, "/"))
		return
	}
	if method == http.MethodDelete {
		job.cancel()
	}
	details := ""
	if job.status() == failed {
		details = "Job failed, please check complete logs"
	}
	answer(w, map[string]any{"applicationId": path[1], "jobRunId": path[3], "jobRun": map[string]any{
		"applicationId": path[1], "jobRunId": path[3], "name": job.Name, "stateDetails": details,
		"state": map[state]string{running: "RUNNING", succeeded: "SUCCESS", failed: "FAILED", cancelled: "CANCELLED"}[job.status()],
	}})
}
