// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Serve serves the provider of the given version to Terraform, until Terraform ends; with debug to a Terraform that is
// told by the environment where to find this process.
func Serve(version string, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(
		"registry.terraform.io/dynamoops/dynamoops",
		func() tfprotov6.ProviderServer { return newServer(version) },
		options...)
}

// server makes an interrupted action fail. When Terraform asks the provider to stop, everything that is under way is
// cancelled. After that terraform-plugin-go sends no more events of an action: neither its error, which comes a moment
// later, nor any other end, and Terraform takes the action for complete. So the answer to the request to stop waits
// until the actions have said how they ended.
type server struct {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	// invoking is held for reading by each action under way.
	invoking sync.RWMutex
}

func newServer(version string) *server {
	framework := providerserver.NewProtocol6(New(version)())()
	actions, ok := framework.(tfprotov6.ActionServer)
	if !ok {
		panic("the plugin framework no longer serves actions")
	}
	return &server{ProviderServer: framework, ActionServer: actions}
}

// invalid are the diagnostics of a configuration that is not valid. Terraform has the configuration of an action
// validated once, before the values of variables are known, where it has those of resources validated again in the plan
// and in the apply.
func (s *server) invalid(
	ctx context.Context,
	action string,
	config *tfprotov6.DynamicValue,
) ([]*tfprotov6.Diagnostic, error) {
	resp, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: action, Config: config})
	if err != nil ||
		!slices.ContainsFunc(
			resp.Diagnostics,
			func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError },
		) {
		return nil, err
	}
	return resp.Diagnostics, nil
}

// PlanAction validates what is planned.
func (s *server) PlanAction(
	ctx context.Context,
	req *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	if found, err := s.invalid(ctx, req.ActionType, req.Config); err != nil || found != nil {
		return &tfprotov6.PlanActionResponse{Diagnostics: found}, err
	}
	return s.ActionServer.PlanAction(ctx, req)
}

// InvokeAction validates what is invoked, and hands the action's events on.
func (s *server) InvokeAction(
	ctx context.Context,
	req *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	found, err := s.invalid(ctx, req.ActionType, req.Config)
	if err != nil {
		return nil, err
	}
	if found != nil {
		return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
			push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: found}})
		}}, nil
	}
	stream, err := s.ActionServer.InvokeAction(ctx, req)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		s.invoking.RLock()
		defer s.invoking.RUnlock()
		stream.Events(push)
	}}, nil
}

// StopProvider cancels what is under way, and returns when the actions among it have ended.
func (s *server) StopProvider(
	ctx context.Context,
	req *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.ProviderServer.StopProvider(ctx, req)
	s.invoking.Lock()
	defer s.invoking.Unlock()
	return resp, err
}
