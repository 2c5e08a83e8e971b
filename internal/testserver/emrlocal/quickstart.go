// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

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

// quickStart returns the options of JVMs of Spark that live for seconds. They map an archive of the classes that Spark loads, which saves
// half of what a job costs, nearly all of that being its start. A JVM to which the archive does not fit, or that has made none, loads the
// classes as ever.
func quickStart(ctx context.Context, version, home, python string) (string, error) {
	folder, err := usercache.Folder(ctx, "pyspark-"+version+"-classes", func(folder string) error {
		return archive(ctx, home, python, folder)
	})
	if err != nil {
		return "", fmt.Errorf("archive the classes of Spark %s: %w", version, err)
	}
	return littleCompiled + " -XX:SharedArchiveFile=" + filepath.Join(folder, archiveName), nil
}

const archiveName = "classes.jsa"

// archive runs the first job, whose driver leaves the archive behind. It runs in the very home: the jars must stay where they were then.
func archive(ctx context.Context, home, python, folder string) (err error) {
	script, work := filepath.Join(folder, "job.py"), filepath.Join(home, "work")
	if err := os.WriteFile(script, []byte(firstJob), 0o600); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	command := exec.CommandContext(ctx, filepath.Join(home, "bin", "spark-submit"), "--master", "local-cluster[1,1,1024]",
		"--conf", "spark.executor.memory=512m", "--conf", "spark.driver.memory=512m", "--conf", "spark.ui.enabled=false", "--conf", "spark.driver.host=127.0.0.1",
		"--conf", "spark.driver.defaultJavaOptions="+littleCompiled+" -XX:ArchiveClassesAtExit="+filepath.Join(folder, archiveName),
		"--conf", "spark.executor.defaultJavaOptions="+littleCompiled, script)
	command.Dir, command.Env = folder, append(environment(home, python, folder), "SPARK_HOME="+home)
	killWhole(command)
	runtime.LockOSThread() // As in run.
	defer runtime.UnlockOSThread()
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; its output:\n%s", command, err, output)
	}
	return nil
}
