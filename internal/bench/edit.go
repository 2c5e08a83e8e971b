// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// edit is what a copy changes in its items: the steps of a transform, and the same done with typed items.
type edit struct {
	steps []transform.Step
	plain func(item map[string]types.AttributeValue)
}

var edits = map[string]edit{
	"": {plain: func(map[string]types.AttributeValue) {}},
	"rename + remove": {
		steps: []transform.Step{{Rename: map[string]string{"comment": "remark"}}, {Remove: []string{"coupon"}}},
		plain: func(item map[string]types.AttributeValue) {
			item["remark"] = item["comment"]
			delete(item, "comment")
			delete(item, "coupon")
		},
	},
	"set": {
		steps: []transform.Step{{Set: map[string]string{"email": "'user-' + sha256(item.pk) + '@example.com'"}}},
		plain: func(item map[string]types.AttributeValue) {
			if key, ok := item["pk"].(*types.AttributeValueMemberS); ok {
				sum := sha256.Sum256([]byte(key.Value))
				item["email"] = &types.AttributeValueMemberS{Value: "user-" + hex.EncodeToString(sum[:]) + "@example.com"}
			}
		},
	},
}
