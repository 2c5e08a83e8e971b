# Copyright (c) dynamoops authors
# SPDX-License-Identifier: MPL-2.0

"""Reads an export with aws-dynamodb-io, and puts its items into a table."""

import base64
import sys

import boto3
from aws_dynamodb_io.api import ExportJob

bucket, prefix, export, table = sys.argv[1:]


def binary(value):
    (kind, content), = value.items()
    if kind == "B":
        content = base64.b64decode(content)
    elif kind == "BS":
        content = [base64.b64decode(element) for element in content]
    elif kind == "L":
        content = [binary(element) for element in content]
    elif kind == "M":
        content = {name: binary(member) for name, member in content.items()}
    return {kind: content}


s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
job = ExportJob(arn=export, status="COMPLETED", s3_bucket=bucket, s3_prefix=prefix, export_format="DYNAMODB_JSON")
count = 0
for item in job.read_dynamodb_json(dynamodb, s3):
    dynamodb.put_item(TableName=table, Item={name: binary(value) for name, value in item.items()})
    count += 1
summary = job.get_manifest_summary(dynamodb, s3)
if summary.item_count != count or not summary.is_full_export():
    sys.exit(f"{count} items were read, and the summary says {summary}")
