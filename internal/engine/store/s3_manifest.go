// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The layout of an export ("DynamoDB table export output format" in the Amazon DynamoDB Developer Guide): below
// PREFIX/AWSDynamoDB/ID there are the data files and two manifests, each beside its MD5. The summary is written last.
const (
	exportFolder     = "AWSDynamoDB"
	dataFolder       = "data"
	startedName      = "_started"
	summaryName      = "manifest-summary"
	filesName        = "manifest-files"
	manifestSuffix   = ".json"
	checksumSuffix   = ".md5"
	dataSuffix       = ".json.gz"
	exportVersion    = "2020-06-30"
	formatDynamoJSON = "DYNAMODB_JSON"
	fullExport       = "FULL_EXPORT"
)

// exportSummary is manifest-summary.json.
type exportSummary struct {
	Version            string  `json:"version"`
	ExportARN          string  `json:"exportArn"`
	StartTime          string  `json:"startTime"`
	EndTime            string  `json:"endTime"`
	TableARN           string  `json:"tableArn"`
	TableID            string  `json:"tableId"`
	ExportTime         string  `json:"exportTime"`
	S3Bucket           string  `json:"s3Bucket"`
	S3Prefix           *string `json:"s3Prefix"`
	S3SseAlgorithm     string  `json:"s3SseAlgorithm"`
	S3SseKmsKeyID      *string `json:"s3SseKmsKeyId"`
	ManifestFilesS3Key string  `json:"manifestFilesS3Key"`
	BilledSizeBytes    int64   `json:"billedSizeBytes"`
	ItemCount          int64   `json:"itemCount"`
	OutputFormat       string  `json:"outputFormat"`
	// ExportType is missing in exports from before there were incremental ones.
	ExportType string `json:"exportType,omitempty"`
}

// exportTime is the time as a summary has it: with three digits behind the second, always.
func exportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// S3File is a data file of an export, as a line of manifest-files.json.
type S3File struct {
	ItemCount     int64  `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	ETag          string `json:"etag"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// md5Of is the checksum as manifests and their .md5 files have it.
func md5Of(content []byte) string {
	sum := md5.Sum(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// findExport returns the folder of the only complete export at the place, or in its folder AWSDynamoDB.
func findExport(ctx context.Context, client *s3.Client, place S3Place) (S3Place, error) {
	complete := func(root string) (bool, error) {
		found, err := content(ctx, client, place.Bucket, root+"/"+summaryName+manifestSuffix)
		return found != nil, err
	}
	if place.Prefix != "" {
		if ok, err := complete(place.Prefix); err != nil || ok {
			return place, err
		}
	}
	folder := place.Prefix
	if path.Base(folder) != exportFolder {
		folder = place.below(exportFolder)
	}
	ids, err := folders(ctx, client, place.Bucket, folder)
	if err != nil {
		return place, err
	}
	var found []string
	for _, id := range ids {
		ok, err := complete(folder + "/" + id)
		if err != nil {
			return place, err
		}
		if ok {
			found = append(found, folder+"/"+id)
		}
	}
	switch len(found) {
	case 0:
		return place, &S3Error{place.String(), ErrNoExport}
	case 1:
		return S3Place{place.Bucket, found[0]}, nil
	}
	return place, &S3Error{place.String(), fmt.Errorf("%w: %s", ErrManyExports, strings.Join(found, ", "))}
}

// manifest reads one of the manifests of the export at root, and checks it against its MD5, which every export has.
func manifest(ctx context.Context, client *s3.Client, root S3Place, name string) ([]byte, error) {
	key := root.below(name + manifestSuffix)
	text, err := content(ctx, client, root.Bucket, key)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, damaged(root.url(key), "it is not there")
	}
	sum, err := content(ctx, client, root.Bucket, root.below(name+checksumSuffix))
	if err != nil {
		return nil, err
	}
	if sum == nil {
		return nil, damaged(root.url(root.below(name+checksumSuffix)), "it is not there")
	}
	if strings.TrimSpace(string(sum)) != md5Of(text) {
		return nil, damaged(root.url(key), "it is not what its MD5 was made of")
	}
	return text, nil
}

func damaged(object, why string) error {
	return &S3Error{object, fmt.Errorf("%w: %s", ErrDamagedExport, why)}
}

// readExport reads the manifests of the export at root, and returns its data files as they stand there. Data files are
// looked for in the export's own folder, so that an export that was copied elsewhere can be read too.
func readExport(ctx context.Context, client *s3.Client, root S3Place) (*exportSummary, []s3Object, error) {
	text, err := manifest(ctx, client, root, summaryName)
	if err != nil {
		return nil, nil, err
	}
	var summary exportSummary
	at := root.url(root.below(summaryName + manifestSuffix))
	if err := json.Unmarshal(text, &summary); err != nil {
		return nil, nil, damaged(at, err.Error())
	}
	if summary.OutputFormat != formatDynamoJSON {
		return nil, nil, &S3Error{
			at,
			fmt.Errorf("%w: its format is %q, not %s", ErrUnfitExport, summary.OutputFormat, formatDynamoJSON),
		}
	}
	if summary.ExportType != "" && summary.ExportType != fullExport {
		return nil, nil, &S3Error{
			at,
			fmt.Errorf("%w: it is of type %q, and holds changes rather than items", ErrUnfitExport, summary.ExportType),
		}
	}
	if text, err = manifest(ctx, client, root, filesName); err != nil {
		return nil, nil, err
	}
	objects, err := dataFiles(ctx, client, root, text)
	if err != nil {
		return nil, nil, err
	}
	sum := int64(0)
	for _, object := range objects {
		sum += object.items
	}
	if sum != summary.ItemCount || sum < 0 { // So many that they do not add up.
		return nil, nil, damaged(at, fmt.Sprintf("it counts %d items, its files %d", summary.ItemCount, sum))
	}
	return &summary, objects, nil
}

// dataFiles are the files that manifest-files.json names, which must all be there.
func dataFiles(ctx context.Context, client *s3.Client, root S3Place, text []byte) ([]s3Object, error) {
	at := root.url(root.below(filesName + manifestSuffix))
	there := map[string]listed{}
	found, err := list(ctx, client, root.Bucket, root.below(dataFolder)+"/")
	if err != nil {
		return nil, err
	}
	for _, object := range found {
		there[path.Base(object.key)] = object
	}
	var objects []s3Object
	named := map[string]bool{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var file S3File
		if err := json.Unmarshal(line, &file); err != nil {
			return nil, damaged(at, err.Error())
		}
		if file.ItemCount < 0 || file.MD5Checksum == "" {
			return nil, damaged(at, "it has a file without an MD5, or with fewer than no items")
		}
		name := path.Base(file.DataFileS3Key)
		object, ok := there[name]
		if !ok {
			return nil, damaged(root.url(root.below(dataFolder+"/"+name)), "the manifest names it, and it is not there")
		}
		if named[name] {
			return nil, damaged(at, "it names "+name+" twice")
		}
		named[name] = true
		objects = append(objects, s3Object{object, file.ItemCount, file.MD5Checksum})
	}
	return objects, nil
}
