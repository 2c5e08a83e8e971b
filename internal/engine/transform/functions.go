// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/google/uuid"
)

// hmacFunction is the function whose key is a secret.
const hmacFunction = "hmac"

// functions are what a move of data needs and CEL does not have.
func functions(hmacKey []byte) cel.EnvOption {
	digest := func(v ref.Val) ref.Val {
		sum := sha256.Sum256(bytesOf(v))
		return types.String(hex.EncodeToString(sum[:]))
	}
	keyed := func(v ref.Val) ref.Val {
		mac := hmac.New(sha256.New, hmacKey)
		mac.Write(bytesOf(v))
		return types.String(hex.EncodeToString(mac.Sum(nil)))
	}
	options := append(slices.Concat(texts(), searches()),
		cel.Function("sha256",
			cel.Overload("sha256_string", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(digest)),
			cel.Overload("sha256_bytes", []*cel.Type{cel.BytesType}, cel.StringType, cel.UnaryBinding(digest))),
		cel.Function(hmacFunction,
			cel.Overload("hmac_string", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(keyed)),
			cel.Overload("hmac_bytes", []*cel.Type{cel.BytesType}, cel.StringType, cel.UnaryBinding(keyed))),
		cel.Function("double", cel.Overload("number_to_double", []*cel.Type{numberType}, cel.DoubleType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return v.ConvertToType(types.DoubleType) }))),
		cel.Function("string", cel.Overload("number_to_string", []*cel.Type{numberType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return v.ConvertToType(types.StringType) }))),
		cel.Function(
			"uuid5",
			cel.Overload(
				"uuid5_string_string",
				[]*cel.Type{cel.StringType, cel.StringType},
				cel.StringType,
				cel.BinaryBinding(uuid5),
			),
		),
		cel.Function(
			"mask",
			cel.Overload(
				"mask_string",
				[]*cel.Type{cel.StringType},
				cel.StringType,
				cel.UnaryBinding(func(v ref.Val) ref.Val { return mask(v, types.Int(shown)) }),
			),
			cel.Overload("mask_string_int", []*cel.Type{cel.StringType, cel.IntType}, cel.StringType, cel.BinaryBinding(mask)),
		),
	)
	return func(env *cel.Env) (*cel.Env, error) {
		var err error
		for _, option := range options {
			if env, err = option(env); err != nil {
				return nil, err
			}
		}
		return env, nil
	}
}

// bytesOf returns what a text or a binary holds.
func bytesOf(v ref.Val) []byte {
	switch v := v.(type) {
	case types.String:
		return []byte(v)
	case types.Bytes:
		return v
	}
	return nil // The overloads take nothing else.
}

// namespaces are those that RFC 9562 names.
var namespaces = map[string]uuid.UUID{
	"dns":  uuid.NameSpaceDNS,
	"url":  uuid.NameSpaceURL,
	"oid":  uuid.NameSpaceOID,
	"x500": uuid.NameSpaceX500,
}

// Faults of functions. CEL's own errors may quote a value, these do not.
const (
	faultNamespace = "the namespace of uuid5() has to be dns, url, oid, x500 or a UUID"
	faultShown     = "mask() cannot leave fewer than 0 characters, or more than 1000"
)

func uuid5(namespace, name ref.Val) ref.Val {
	ns, _ := namespace.(types.String)
	text, _ := name.(types.String)
	space, ok := namespaces[string(ns)]
	if !ok {
		var err error
		if space, err = uuid.Parse(string(ns)); err != nil {
			return types.NewErrFromString(faultNamespace)
		}
	}
	return types.String(uuid.NewSHA1(space, []byte(text)).String())
}

func mask(v, leave ref.Val) ref.Val {
	text, _ := v.(types.String)
	n, _ := leave.(types.Int)
	if n < 0 || n > 1000 {
		return types.NewErrFromString(faultShown)
	}
	return types.String(masked(string(text), int(n)))
}
