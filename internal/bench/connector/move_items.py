# Copyright (c) dynamoops authors
# SPDX-License-Identifier: MPL-2.0

"""Copies a table with the EMR DynamoDB connector. No item comes to Python."""

from pyspark import SparkContext

spark = SparkContext(appName="connector")
load = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader().loadClass
configuration = spark._jvm.org.apache.hadoop.mapred.JobConf(spark._jsc.hadoopConfiguration())
for name, value in {
    "dynamodb.endpoint": spark.getConf().get("spark.dynamoops.endpoint"),
    "dynamodb.regionid": "us-east-1",
    "dynamodb.awsAccessKeyId": "bench",
    "dynamodb.awsSecretAccessKey": "bench",
    "dynamodb.servicename": "dynamodb",
    "dynamodb.input.tableName": "source",
    "dynamodb.output.tableName": "destination",
    # As many tasks as executors. There is no YARN, whose sizes it divides by.
    "dynamodb.max.map.tasks": "2",
    "yarn.scheduler.minimum-allocation-mb": "512",
    "yarn.app.mapreduce.am.resource.mb": "512",
    "mapreduce.map.memory.mb": "512",
    "mapreduce.reduce.memory.mb": "512",
    # No limit of throughput.
    "dynamodb.throughput.read.autoscaling": "false",
    "dynamodb.throughput.write.autoscaling": "false",
    "dynamodb.throughput.read": "1000000000",
    "dynamodb.throughput.write": "1000000000",
    "dynamodb.throughput.read.percent": "1.5",
    "dynamodb.throughput.write.percent": "1.5",
    "mapred.output.format.class": "org.apache.hadoop.dynamodb.write.DynamoDBOutputFormat",
}.items():
    configuration.set(name, value)
items = spark._jsc.hadoopRDD(
    configuration,
    load("org.apache.hadoop.dynamodb.read.DynamoDBInputFormat"),
    load("org.apache.hadoop.io.Text"),
    load("org.apache.hadoop.dynamodb.DynamoDBItemWritable"),
)
items.saveAsHadoopDataset(configuration)
