// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package settings

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// SuspendAutoScaling keeps Application Auto Scaling from changing the table while it is dropped and created again.
// PutBack resumes it.
func (w *Writer) SuspendAutoScaling(ctx context.Context, s *Snapshot) error {
	var value scaling
	if err := s.decode(autoScaling.name, &value); err != nil {
		return err
	}
	all := &types.SuspendedState{
		DynamicScalingInSuspended: aws.Bool(true), DynamicScalingOutSuspended: aws.Bool(true),
		ScheduledScalingSuspended: aws.Bool(true),
	}
	for _, target := range value.Targets {
		if err := w.register(ctx, target, all); err != nil {
			return err
		}
	}
	return nil
}

// ResumeAutoScaling undoes SuspendAutoScaling for a table that is not dropped after all. A target that was deleted or
// resumed since is left alone.
func (w *Writer) ResumeAutoScaling(ctx context.Context, s *Snapshot) error {
	var before scaling
	if err := s.decode(autoScaling.name, &before); err != nil || len(before.Targets) == 0 {
		return err
	}
	r, err := newReader(ctx, w.Clients, w.Table)
	if err != nil {
		return err
	}
	now, err := r.scaling(ctx)
	if err != nil {
		return err
	}
	for _, i := range now.resume(before) {
		if err := w.register(ctx, now.Targets[i], now.Targets[i].SuspendedState); err != nil {
			return err
		}
	}
	return nil
}

// resume gives the targets that are wholly suspended the state that they had before, and returns the indexes of those
// that it has changed.
func (s scaling) resume(before scaling) (changed []int) {
	for i := range s.Targets {
		target := &s.Targets[i]
		was := slices.IndexFunc(before.Targets, func(b scalingTarget) bool { return b.compare(target.scalable) == 0 })
		if was >= 0 && wholly(target.SuspendedState) && !wholly(before.Targets[was].SuspendedState) {
			target.SuspendedState = before.Targets[was].SuspendedState
			changed = append(changed, i)
		}
	}
	return changed
}

// wholly reports whether a target does nothing at all, as after SuspendAutoScaling.
func wholly(s *types.SuspendedState) bool {
	return s != nil && aws.ToBool(s.DynamicScalingInSuspended) && aws.ToBool(s.DynamicScalingOutSuspended) &&
		aws.ToBool(s.ScheduledScalingSuspended)
}

// Resume gives the snapshot the auto scaling and the deletion protection of an earlier one, where a recreate that was
// interrupted between the two has suspended the one and turned off the other.
func (s *Snapshot) Resume(earlier *Snapshot) error {
	if raw := earlier.Settings[deletionProtection.name]; raw != nil {
		s.Settings[deletionProtection.name] = raw
	}
	var before, now scaling
	if err := errors.Join(earlier.decode(autoScaling.name, &before), s.decode(autoScaling.name, &now)); err != nil {
		return err
	}
	if now.resume(before) == nil {
		return nil
	}
	raw, err := encode(now)
	s.Settings[autoScaling.name] = raw
	return err
}
