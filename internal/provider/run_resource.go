// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/job"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
)

// runResource is what the resources have in common whose creation is a run. A run happens when the resource is created
// or replaced: refreshing and destroying it call nothing, and what can be updated in place is state only.
type runResource struct {
	engine *engine.Engine
}

func (r *runResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.engine = engineOf(req.ProviderData, &resp.Diagnostics)
}

func (r *runResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{configChecks{}}
}

// Read keeps the record of the run as it is.
func (r *runResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over what is not part of the run's definition.
func (r *runResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (r *runResource) ImportState(
	_ context.Context,
	_ resource.ImportStateRequest,
	resp *resource.ImportStateResponse,
) {
	resp.Diagnostics.AddError("A Run Cannot Be Imported",
		"This resource is the record of a run that Terraform started. Nothing in AWS can be adopted as a run.\n\n"+
			"Remove the import; the next apply will run.")
}

// runModel is the model of a resource whose creation is a run of a job of type J.
type runModel[J job.Job] interface {
	// job turns the configuration into what the engine runs, less what is not known yet.
	job(ctx context.Context, diags *diag.Diagnostics) J
	createTimeout(ctx context.Context, fallback time.Duration) (time.Duration, diag.Diagnostics)
	setResult(result *engine.Result)
}

// planRun checks a run before it is announced. Applying a plan runs if there is no object yet; a replacement is planned
// twice, the second time like that.
func planRun[J job.Job](
	ctx context.Context,
	r runResource,
	model runModel[J],
	timeout time.Duration,
	check func(context.Context, J) []*problem.Problem,
	req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.IsNull() {
		return
	}
	described, ok := asPlanned(ctx, req.Plan, req.Config, &resp.Diagnostics)
	switch {
	case !ok:
	case req.State.Raw.IsNull():
		checkRun(ctx, r.engine, described, model, timeout, check, &resp.Diagnostics)
	default: // Terraform takes no plan back in which an object is unknown whose parts have types that the provider does not know.
		refuseUndecided(ctx, described, &resp.Diagnostics)
	}
}

// checkRun checks the run that the configuration describes. What is not known yet is checked when the run begins.
// Without an engine the provider is not configured yet, and AWS is not asked.
func checkRun[J job.Job](
	ctx context.Context,
	e *engine.Engine,
	config tfsdk.Config,
	model runModel[J],
	timeout time.Duration,
	check func(context.Context, J) []*problem.Problem,
	diags *diag.Diagnostics,
) {
	refuseNullElements(ctx, config.Schema, config.Raw, diags)
	refuseUndecided(ctx, config, diags)
	if e == nil || diags.HasError() {
		return
	}
	diags.Append(config.Get(ctx, model)...)
	j := model.job(ctx, diags)
	timeout, found := model.createTimeout(ctx, timeout)
	diags.Append(found...)
	if diags.HasError() {
		return
	}
	appendProblems(diags, path.Empty(), check(ctx, j)...)
	appendProblems(diags, path.Empty(), e.CheckCredentials(ctx, j, timeout)...)
}

// createRun runs the planned job, and puts its result into the state. A run that fails leaves nothing there.
func createRun[J job.Job](
	ctx context.Context,
	model runModel[J],
	timeout time.Duration,
	run func(context.Context, J, engine.Observer) (*engine.Result, error),
	req resource.CreateRequest,
	resp *resource.CreateResponse,
) {
	described, ok := asPlanned(ctx, req.Plan, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	result := doRun(ctx, described, model, timeout, run, observer(ctx), &resp.Diagnostics)
	if result == nil {
		return
	}
	model.setResult(result)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// doRun runs the job that the configuration describes, and returns nil if there is an error.
func doRun[J job.Job](
	ctx context.Context,
	config tfsdk.Config,
	model runModel[J],
	timeout time.Duration,
	run func(context.Context, J, engine.Observer) (*engine.Result, error),
	observer engine.Observer,
	diags *diag.Diagnostics,
) *engine.Result {
	j, ok := wholeJob(ctx, config, model, diags)
	if !ok {
		return nil
	}
	timeout, found := model.createTimeout(ctx, timeout)
	if diags.Append(found...); diags.HasError() {
		return nil
	}
	ctx, cancel := engine.WithDeadline(ctx, timeout)
	defer cancel()
	result, err := run(ctx, j, observer)
	if err != nil {
		appendProblems(diags, path.Empty(), problem.All(err)...)
		return nil
	}
	appendProblems(diags, path.Empty(), result.Warnings...)
	return result
}

// progressInterval is the time between two log lines of a run.
const progressInterval = 10 * time.Second

// observer logs how the run comes along.
func observer(ctx context.Context) engine.Observer {
	return engine.Observer{Every: progressInterval, Report: func(s engine.Status) {
		fields := map[string]any{
			"items_scanned":      s.Ledger.Scanned,
			"items_settled":      s.Ledger.Settled(),
			"items_per_second":   int64(s.ItemsPerSecond),
			"read_units":         s.Ledger.ReadUnits,
			"write_units":        s.Ledger.WriteUnits,
			"throttled_requests": s.Throttled + s.Ledger.Unprocessed,
			"elapsed_seconds":    int64(s.Elapsed.Seconds()),
		}
		if s.Phase != "" {
			fields["phase"] = problem.Printable(s.Phase)
		}
		if percent := s.Percent(); percent >= 0 {
			fields["percent_estimated"] = int64(percent)
		}
		tflog.Info(ctx, "the run is going on", fields)
	}}
}

func triggersAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Arbitrary values; when one of them changes, the resource runs again. See [when a run " +
			"happens](../index.md#when-a-run-happens).",
		PlanModifiers: []planmodifier.Map{rerun{}},
	}
}

func triggersOf(ctx context.Context, m types.Map, diags *diag.Diagnostics) map[string]string {
	if !known(ctx, m) {
		return nil
	}
	values := map[string]types.String{}
	diags.Append(m.ElementsAs(ctx, &values, false)...)
	triggers := make(map[string]string, len(values))
	for name, value := range values {
		triggers[name] = value.ValueString()
	}
	return triggers
}
