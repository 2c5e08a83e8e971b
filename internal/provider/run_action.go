// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// runAction is an action that does what the creation of a resource does, and keeps nothing. Its arguments, their checks
// and their meaning are those of the resource, whatever these are.
type runAction[J job.Job] struct {
	resource    resource.Resource
	model       func() runModel[J]
	description string
	// done is what becomes of an item, in a word.
	done string
	// timeout is how long a run may take unless the argument of that name says otherwise.
	timeout time.Duration
	check   func(*engine.Engine, context.Context, J) []*problem.Problem
	run     func(*engine.Engine, context.Context, J, engine.Observer) (*engine.Result, error)

	engine *engine.Engine
}

func (a *runAction[J]) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.engine = engineOf(req.ProviderData, &resp.Diagnostics)
}

func (a *runAction[J]) ConfigValidators(context.Context) []action.ConfigValidator {
	return []action.ConfigValidator{configChecks{}}
}

func (a *runAction[J]) Metadata(ctx context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	var named resource.MetadataResponse
	a.resource.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: req.ProviderTypeName}, &named)
	resp.TypeName = named.TypeName
}

// Schema has the resource's arguments.
func (a *runAction[J]) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]actionschema.Attribute{}
	for name, attribute := range arguments(schemaOf(ctx, a.resource)) {
		attributes[name] = attribute
	}
	attributes["timeout"] = actionschema.StringAttribute{
		Optional: true, Validators: []validator.String{timeoutValidator{}},
		MarkdownDescription: fmt.Sprintf("How long a run may take, such as `90m`. Default: %.0f hours. A run that takes "+
			"longer fails.", a.timeout.Hours()),
	}
	resp.Schema = actionschema.Schema{MarkdownDescription: a.description, Attributes: attributes}
}

// ModifyPlan checks the run before it is announced.
func (a *runAction[J]) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	if config, ok := asResource(ctx, a.resource, req.Config, &resp.Diagnostics); ok {
		a.checkRun(ctx, config, &resp.Diagnostics)
	}
}

func (a *runAction[J]) checkRun(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	check := func(ctx context.Context, j J) []*problem.Problem { return a.check(a.engine, ctx, j) }
	checkRun(ctx, a.engine, config, a.model(), a.timeout, check, diags)
}

// Invoke runs the job. It checks the run again, since more is known than in the plan: Terraform plans a resource a
// second time in the apply, but not an action.
func (a *runAction[J]) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	config, ok := asResource(ctx, a.resource, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	if a.checkRun(ctx, config, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	// Only one goroutine may send at a time: the observer's while the run goes on, this one when it is over.
	say := func(line string) { resp.SendProgress(action.InvokeProgressEvent{Message: line}) }
	observer := engine.Observer{Every: progressInterval, Report: func(s engine.Status) {
		if ctx.Err() == nil { // There may be nobody left to take it.
			say(progressLine(s, a.done))
		}
	}}
	run := func(ctx context.Context, j J, observer engine.Observer) (*engine.Result, error) {
		return a.run(a.engine, ctx, j, observer)
	}
	result := doRun(ctx, config, a.model(), a.timeout, run, observer, &resp.Diagnostics)
	if result != nil {
		say(
			fmt.Sprintf(
				"complete after %s by %s: %s",
				result.Duration.Round(time.Millisecond),
				result.Method,
				engine.Counts(result.Ledger, a.done),
			),
		)
	}
}

// progressLine says how far a run has come.
func progressLine(s engine.Status, done string) string {
	line := fmt.Sprintf("after %s: ", s.Elapsed.Round(time.Second))
	if s.Phase != "" && s.Ledger.Scanned == 0 {
		return line + problem.Printable(s.Phase)
	}
	if s.Phase != "" {
		line += problem.Printable(s.Phase) + ": "
	}
	line += fmt.Sprintf(
		"%s; %.0f items/s, %d throttled requests",
		engine.Counts(s.Ledger, done),
		s.ItemsPerSecond,
		s.Throttled+s.Ledger.Unprocessed,
	)
	if percent := s.Percent(); percent >= 0 {
		line += fmt.Sprintf("; about %.0f %% of the source", percent)
	}
	return line
}
