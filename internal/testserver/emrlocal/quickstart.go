// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/usercache"
)

// littleCompiled has JVMs that live for seconds compile little.
const littleCompiled = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

// firstJob is a job that has Spark load what the jobs of tests need of it.
const firstJob = `from pyspark import SparkContext

context = SparkContext()
context.parallelize(range(2), 2).map(str).collect()
context.stop()
`

// quickStart returns the options of JVMs of Spark that live for seconds. They map an archive of the classes that Spark
// loads, which saves half of what a job costs, nearly all of that being its start. A JVM to which the archive does not
// fit, or that has made none, loads the classes as ever.
func (i installation) quickStart(ctx context.Context) (string, error) {
	folder, err := usercache.Folder(
		ctx,
		"pyspark-"+i.version+"-classes",
		func(folder string) error { return i.archive(ctx, folder) },
	)
	if err != nil {
		return "", fmt.Errorf("archive the classes of Spark %s: %w", i.version, err)
	}
	return littleCompiled + " -XX:SharedArchiveFile=" + filepath.Join(folder, archiveName), nil
}

const archiveName = "classes.jsa"

// archive runs the first job, whose driver leaves the archive behind. It runs in the very home: the jars must stay
// where they were then.
func (i installation) archive(ctx context.Context, folder string) (err error) {
	script := filepath.Join(folder, "job.py")
	if err := os.WriteFile(script, []byte(firstJob), 0o600); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(filepath.Join(i.home, "work"))) }()
	command := i.submit(
		ctx,
		i.home,
		folder,
		littleCompiled+" -XX:ArchiveClassesAtExit="+filepath.Join(folder, archiveName),
		littleCompiled,
		[]string{script},
	)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := runWhole(command); err != nil {
		return fmt.Errorf("%s: %w; its output:\n%s", command, err, &output)
	}
	return nil
}
