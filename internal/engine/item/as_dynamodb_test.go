// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package item_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/testserver/dynamodblocal"
)

func TestMain(m *testing.M) { os.Exit(dynamodblocal.Main(m)) }

// judged is a table, and its keys by which items are judged.
type judged struct {
	url, accessKey string
	keys           item.Keys
}

func newJudged(t *testing.T) judged {
	t.Helper()
	key := func(name string, kind item.Kind) []item.KeyAttribute {
		return []item.KeyAttribute{{Name: name, Type: kind}}
	}
	j := judged{url: dynamodblocal.Shared(t).URL, accessKey: rand.Text(), keys: item.Keys{
		Table: []item.KeyAttribute{{Name: "id", Type: item.S}, {Name: "sk", Type: item.S}},
		Indexes: []item.IndexKey{
			{Name: "one", Partition: key("gs", item.S), Sort: key("gn", item.N)},
			{Name: "two", Partition: key("gb", item.B)},
			{Name: "three", Partition: key("id", item.S), Sort: key("ls", item.S)},
		},
	}}
	schema := func(names ...string) []types.KeySchemaElement {
		elements := []types.KeySchemaElement{{AttributeName: aws.String(names[0]), KeyType: types.KeyTypeHash}}
		for _, name := range names[1:] {
			elements = append(elements, types.KeySchemaElement{
				AttributeName: aws.String(name), KeyType: types.KeyTypeRange,
			})
		}
		return elements
	}
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	var definitions []types.AttributeDefinition
	for name, kind := range map[string]types.ScalarAttributeType{
		"id": "S", "sk": "S", "gs": "S", "gn": "N", "gb": "B", "ls": "S",
	} {
		definitions = append(definitions, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: kind,
		})
	}
	client := dynamodblocal.Shared(t).Client("us-east-1", j.accessKey)
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("judged"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: definitions, KeySchema: schema("id", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("one"), Projection: all, KeySchema: schema("gs", "gn")},
			{IndexName: aws.String("two"), Projection: all, KeySchema: schema("gb")},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String("three"), Projection: all, KeySchema: schema("id", "ls")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// takes reports whether DynamoDB accepts the item.
func (j judged) takes(t *testing.T, raw string) bool {
	t.Helper()
	body := `{"TableName":"judged","Item":` + raw + `}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, j.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+j.accessKey+
		"/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK && response.StatusCode != http.StatusBadRequest {
		t.Fatalf("status %d, %s, %v", response.StatusCode, answer, err)
	}
	return response.StatusCode == http.StatusOK
}

func (j judged) judge(raw string) error {
	if _, err := item.End([]byte(raw), 0); err != nil {
		return err
	}
	if err := item.Check([]byte(raw)); err != nil {
		return err
	}
	return j.keys.Fit([]byte(raw))
}

// This package and DynamoDB refuse the same items, one fault at a time.
func TestJudgedAsByDynamoDB(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	long := func(n int) string { return strings.Repeat("x", n) }
	nested := func(open, end string, n int) string {
		return strings.Repeat(open, n) + `{"S":"x"}` + strings.Repeat(end, n)
	}
	const key = `"id":{"S":"k"},"sk":{"S":"s"}`
	with := func(attribute string) string { return "{" + key + "," + attribute + "}" }
	for name, test := range map[string]struct {
		item string
		// fault is a part of the error, empty for an item that is accepted.
		fault string
	}{
		"strings, equal": {
			with(`"v":{"SS":["planted","b","planted"]}`),
			`attribute "v": two members of a set are equal`,
		},
		"strings, equal by escape":   {with(`"v":{"SS":["planted","\u0070lanted"]}`), "equal"},
		"strings, of other cases":    {with(`"v":{"SS":["planted","Planted","", "planted "]}`), ""},
		"numbers, equal":             {with(`"v":{"NS":["1","2","1.0"]}`), "equal"},
		"numbers, equal by exponent": {with(`"v":{"NS":["10E-1","1"]}`), "equal"},
		"numbers, equal zeros":       {with(`"v":{"NS":["0","-0"]}`), "equal"},
		"numbers, of two signs":      {with(`"v":{"NS":["1","-1"]}`), ""},
		"binaries, equal":            {with(`"v":{"BS":["YWJj","YWI=","YWJj"]}`), "equal"},
		"equal in a map":             {with(`"v":{"M":{"planted":{"SS":["a","a"]}}}`), `attribute "v": two members`},
		"equal in a list": {
			with(`"v":{"L":[{"NULL":true},{"M":{"x":{"NS":["5","5.00"]}}}]}`),
			`attribute "v": two members`,
		},
		"no strings":                 {with(`"v":{"SS":[]}`), "no members"},
		"no numbers in a list":       {with(`"v":{"L":[{"NS":[]}]}`), "no members"},
		"no binaries":                {with(`"v":{"BS":[]}`), "no members"},
		"empty string and binary":    {with(`"v":{"S":""},"w":{"B":""}`), ""},
		"39 digits":                  {with(`"v":{"N":"` + strings.Repeat("1", 39) + `"}`), "38 significant digits"},
		"38 digits":                  {with(`"v":{"N":"` + strings.Repeat("1", 38) + `000"}`), ""},
		"too large a number":         {with(`"v":{"L":[{"N":"1E126"}]}`), "38 significant digits"},
		"too small a number":         {with(`"v":{"N":"-1E-131"}`), "38 significant digits"},
		"no number":                  {with(`"v":{"N":"planted"}`), "not a number"},
		"infinite":                   {with(`"v":{"N":"Infinity"}`), "not a number"},
		"NULL that is false":         {with(`"v":{"NULL":false}`), "NULL is not true"},
		"NULL that is false in list": {with(`"v":{"L":[{"NULL":false}]}`), "NULL is not true"},
		"empty name":                 {with(`"":{"S":"x"}`), "an empty name"},
		"empty name in a map":        {with(`"v":{"M":{"":{"S":"x"}}}`), "an empty name"},
		"long name":                  {with(`"` + long(65535) + `":{"S":"x"}`), ""},
		"too long a name":            {with(`"` + long(65536) + `":{"S":"x"}`), "more than 65535 bytes"},
		"31 maps":                    {with(`"v":` + nested(`{"M":{"a":`, `}}`, 31)), ""},
		"32 maps":                    {with(`"v":` + nested(`{"M":{"a":`, `}}`, 32)), "more than 32 levels"},
		"31 lists":                   {with(`"v":` + nested(`{"L":[`, `]}`, 31)), ""},
		"32 lists":                   {with(`"v":` + nested(`{"L":[`, `]}`, 32)), "more than 32 levels"},
		"no partition key":           {`{"sk":{"S":"s"}}`, `the key attribute "id" is missing`},
		"no sort key":                {`{"id":{"S":"s"}}`, `the key attribute "sk" is missing`},
		"partition key of N": {
			`{"id":{"N":"1"},"sk":{"S":"s"}}`,
			`the key attribute "id" has type N, the table's key needs S`,
		},
		"empty partition key": {`{"id":{"S":""},"sk":{"S":"s"}}`, `the key attribute "id" is empty`},
		"empty sort key":      {`{"id":{"S":"k"},"sk":{"S":""}}`, `the key attribute "sk" is empty`},
		"long partition key":  {`{"id":{"S":"` + long(2048) + `"},"sk":{"S":"s"}}`, ""},
		"too long a partition key": {
			`{"id":{"S":"` + long(2047) + `é"},"sk":{"S":"s"}}`,
			"has 2049 bytes, and DynamoDB takes at most 2048",
		},
		"long sort key":        {`{"id":{"S":"k"},"sk":{"S":"` + long(1024) + `"}}`, ""},
		"too long a sort key":  {`{"id":{"S":"k"},"sk":{"S":"` + long(1025) + `"}}`, "at most 1024"},
		"index key of N":       {with(`"gs":{"N":"1"}`), `has type N, the key of the index "one" needs S`},
		"index sort key of S":  {with(`"gn":{"S":"1"}`), `the key of the index "one" needs N`},
		"index sort key of L":  {with(`"gn":{"L":[]}`), `the key of the index "one" needs N`},
		"local index key of N": {with(`"ls":{"N":"1"}`), `the key of the index "three" needs S`},
		"empty index key": {
			with(`"gs":{"S":""}`),
			`the attribute "gs", which is in the key of the index "one", is empty`,
		},
		"empty binary index key": {
			with(`"gb":{"B":""}`),
			`the attribute "gb", which is in the key of the index "two", is empty`,
		},
		"long index key":             {with(`"gn":{"N":"1"},"gs":{"S":"` + long(2048) + `"}`), ""},
		"too long an index key":      {with(`"gn":{"N":"1"},"gs":{"S":"` + long(2049) + `"}`), "at most 2048"},
		"too long a local index key": {with(`"ls":{"S":"` + long(1025) + `"}`), "at most 1024"},
		"400 KB":                     {with(`"v":{"S":"` + long(item.MaxBytes-7) + `"}`), ""},
		"more than 400 KB":           {with(`"v":{"S":"` + long(item.MaxBytes-6) + `"}`), "more than the 400 KB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if taken := j.takes(t, test.item); taken != (test.fault == "") {
				t.Errorf("DynamoDB accepts it: %t", taken)
			}
			err := j.judge(test.item)
			switch {
			case test.fault == "" && err != nil:
				t.Errorf("it is refused: %v", err)
			case test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("the error is %v, want %q", err, test.fault)
			case err != nil && strings.Contains(err.Error(), "planted"):
				t.Errorf("a value or a name in a map is in %q", err)
			}
		})
	}
}

// The size of each type of value is what DynamoDB counts, or less for numbers, whose size is not documented
// exactly.
func TestSizeAsByDynamoDB(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	for _, value := range []string{
		`{"S":"é"}`, `{"S":""}`, `{"S":"\u00e9\ud83d\ude00"}`, `{"B":"YWI="}`, `{"B":""}`, `{"BOOL":true}`,
		`{"NULL":true}`, `{"SS":["a","bcé"]}`, `{"BS":["YQ==","YWI="]}`,
		`{"L":[]}`, `{"L":[{"S":"a"},{"L":[{"BOOL":true}]}]}`, `{"M":{}}`,
		`{"M":{"ab":{"S":"a"},"é":{"M":{"c":{"B":"YQ=="}}}}}`,
		`{"N":"0"}`, `{"N":"1"}`, `{"N":"12"}`, `{"N":"123"}`, `{"N":"1200"}`, `{"N":"-1"}`, `{"N":"1.5"}`,
		`{"N":"0.001"}`, `{"N":"12345678901234567890123456789012345678"}`, `{"NS":["1","20","300"]}`,
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			whole := func(filler int) string {
				return fmt.Sprintf(`{"id":{"S":"%x"},"sk":{"S":"s"},"e":%s,"v":{"S":"%s"}}`,
					value[:1], value, strings.Repeat("x", filler))
			}
			least, err := item.Size([]byte(whole(0)))
			if err != nil {
				t.Fatal(err)
			}
			filler := item.MaxBytes - least
			if j.takes(t, whole(filler+1)) {
				t.Errorf("DynamoDB accepts an item of %d bytes by our count", item.MaxBytes+1)
			}
			slack := 0
			if strings.Contains(value, `"N`) {
				slack = 2 // For a number's sign and an odd number of digits.
			}
			if !j.takes(t, whole(filler-slack)) {
				t.Errorf("DynamoDB refuses an item of %d bytes by our count", item.MaxBytes-slack)
			}
		})
	}
}
