// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package emrlocal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// submit is spark-submit with the arguments, of which the script is the last, on a cluster whose executors are
// processes of their own. It writes into the folder and into the home of Spark. The Java options are those of JVMs that
// have no others.
func (i installation) submit(
	ctx context.Context,
	home, folder, driverJava, executorJava string,
	arguments []string,
) *exec.Cmd {
	last := len(arguments) - 1
	executors, cores := cluster(arguments)
	// What comes later wins.
	arguments = append(
		arguments[:last:last],
		"--master",
		fmt.Sprintf("local-cluster[%d,%d,1024]", executors, cores),
		"--deploy-mode",
		"client",
		"--conf",
		fmt.Sprintf("spark.executor.cores=%d", cores),
		"--conf",
		"spark.executor.memory=512m",
		"--conf",
		"spark.driver.memory=512m",
		"--conf",
		"spark.driver.defaultJavaOptions="+driverJava,
		"--conf",
		"spark.executor.defaultJavaOptions="+executorJava,
		"--conf",
		"spark.ui.enabled=false",
		"--conf",
		"spark.driver.host=127.0.0.1",
		"--conf",
		"spark.local.dir="+folder,
		arguments[last],
	)
	command := exec.CommandContext(ctx, filepath.Join(home, "bin", "spark-submit"), arguments...)
	command.Dir = folder
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder,
		"JAVA_HOME=" + os.Getenv("JAVA_HOME"), "SPARK_HOME=" + home,
		"PYTHONPATH=" + filepath.Dir(i.home), "PYSPARK_PYTHON=" + i.python,
		"SPARK_LOCAL_IP=127.0.0.1", "AWS_EC2_METADATA_DISABLED=true",
	}
	return command
}

// mostCores is how many cores the executors of a job have in all, whatever it asks for.
const mostCores = 2

// cluster is how many executors the job gets, and how many cores each.
func cluster(arguments []string) (executors, cores int) {
	asked := func(setting string) int {
		for _, argument := range arguments {
			if value, ok := strings.CutPrefix(argument, setting+"="); ok {
				number, _ := strconv.Atoi(value)
				return number
			}
		}
		return 1
	}
	cores = min(asked("spark.executor.cores"), mostCores)
	return min(asked("spark.executor.instances"), mostCores/cores), cores
}

// runWhole runs the command, whose context ends all of its processes.
func runWhole(command *exec.Cmd) error {
	killWhole(command)
	// The thread must live as long as the command, and longer: others may have started processes on it that end with it,
	// as Terraform does. A goroutine that ended with the lock would end the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return command.Run()
}
