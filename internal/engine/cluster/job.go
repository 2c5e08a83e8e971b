// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/records"
)

// newJob returns the record of a job that is about to start.
func (d *Spread) newJob(attempt int, digest string) *records.SparkJob {
	return &records.SparkJob{
		Digest:    digest,
		Attempt:   attempt,
		Launcher:  d.Config.Launcher,
		S3URI:     d.Config.S3URI,
		Arguments: d.arguments(),
		Open:      true,
	}
}

// arguments returns a hash of all that the service is asked for.
func (d *Spread) arguments() string {
	config := d.Config
	config.WorkerBinary = ""
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // Texts and numbers have always a JSON form.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// samePlace reports whether the configuration still names the place of the job, where the progress of its tasks is. A
// job that may still run can be found only with the arguments that it was started with: other arguments are an error.
func (d *Spread) samePlace(j records.SparkJob) (bool, error) {
	same := j.S3URI == d.Config.S3URI
	if !j.Open {
		return same, nil
	}
	same = same && j.Launcher == d.Config.Launcher
	if j.Handle.Application != "" { // Either the application of the configuration, or one made for the job.
		same = same && j.Handle.Made == (d.Config.ApplicationID == "") &&
			(j.Handle.Made || j.Handle.Application == d.Config.ApplicationID)
	}
	if same && (j.Handle.ID != "" || j.Arguments == d.arguments()) {
		return true, nil
	}
	p := &problem.Problem{
		Summary: "Spark Job Was Started With Other Arguments", Attribute: "emr",
		Cause: fmt.Sprintf("An earlier apply of this run has started, or was about to start, a Spark job with "+
			"emr.launcher = %q and emr.s3_uri = %q. It may be running, and can be found only with the arguments that it was "+
			"started with.",
			j.Launcher, j.S3URI),
		Next: "Set emr to what it was then and apply: that waits for the job, or ends it when you interrupt it. Then " +
			"change emr.",
	}
	if same {
		p.Cause = "An earlier apply of this run was interrupted while it started a Spark job. Whether it has started can " +
			"be found out only with the arguments of emr that it had then, and they have changed since."
	}
	return false, p
}
