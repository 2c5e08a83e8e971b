// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package transform_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/item"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/transform"
)

// Each of these is refused before any item is read, with one problem that names the argument and says what is wrong.
func TestBadAtPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		step      transform.Step
		attribute string
		cause     string // A part of it.
	}{
		"no step":                {transform.Step{}, `transform[1]`, "0 are given"},
		"two steps in one":       {transform.Step{Remove: []string{"a"}, Keep: []string{"b"}}, `transform[1]`, "2 are given"},
		"names nothing":          {transform.Step{Remove: []string{}}, `transform[1].remove`, "names no attribute"},
		"empty path":             {remove(""), `transform[1].remove[0]`, "Column 1"},
		"path ends in a stop":    {mask("a."), `transform[1].mask[0]`, "Column 3"},
		"begins with a bracket":  {keep("id", "[0]"), `transform[1].keep[1]`, "Column 1"},
		"open bracket":           {remove("a[0"), `transform[1].remove[0]`, "Column 2"},
		"negative index":         {remove("a[-1]"), `transform[1].remove[0]`, "Column 2"},
		"open quote":             {remove(`a."b`), `transform[1].remove[0]`, "Column 3"},
		"stray text":             {remove(`a[0]b`), `transform[1].remove[0]`, "Column 5"},
		"space at the end":       {remove("a "), `transform[1].remove[0]`, "double quotes"},
		"path twice":             {remove("a", "a"), `transform[1].remove[1]`, "names this twice"},
		"path within another":    {keep("a", "a.b"), `transform[1].keep[1]`, "within it"},
		"map and list":           {mask("a.b", "a[0]"), `transform[1].mask[1]`, "a map and for a list"},
		"cycle of renames":       {transform.Step{Rename: map[string]string{"a": "b", "b": "a"}}, `transform[1].rename["a"]`, "no order"},
		"rename to itself":       {rename("a", "a"), `transform[1].rename["a"]`, "no order"},
		"two renames to one":     {transform.Step{Rename: map[string]string{"a": "c", "b": "c"}}, `transform[1].rename["b"]`, "twice"},
		"rename moves":           {rename("a.b", "b"), `transform[1].rename["a.b"]`, "same map"},
		"rename an element":      {rename("a[0]", "b"), `transform[1].rename["a[0]"]`, "no name"},
		"rename to no path":      {rename("a", "b["), `transform[1].rename["a"]`, "Column 2"},
		"unknown function":       {set("email", "lower(item.email)"), `transform[1].set["email"]`, "Line 1, column 6 of the expression: undeclared reference to 'lower'"},
		"unknown variable":       {set("a", "1 +\n  items.a"), `transform[1].set["a"]`, "Line 2, column 3 of the expression: undeclared reference to 'items'"},
		"unknown run variable":   {set("a", "run.name"), `transform[1].set["a"]`, "undeclared reference to 'run'"},
		"syntax":                 {set("a", "item.a +"), `transform[1].set["a"]`, "Line 1, column 9"},
		"empty expression":       {set("a", ""), `transform[1].set["a"]`, "Line 1, column 1"},
		"wrong type of argument": {set("a", "sha256(1)"), `transform[1].set["a"]`, "no matching overload for 'sha256'"},
		"types do not add":       {set("a", "'a' + 1"), `transform[1].set["a"]`, "no matching overload"},
		"no stored type":         {set("a", "duration('1h')"), `transform[1].set["a"]`, "duration"},
		"a type as value":        {set("a", "type(1)"), `transform[1].set["a"]`, "type"},
		"no condition":           {dropIf("'yes'"), `transform[1].drop_if`, "string"},
		"malformed pattern":      {dropIf("item.a.matches('(')"), `transform[1].drop_if`, "Line 1"},
		"malformed time":         {set("a", "timestamp('yesterday')"), `transform[1].set["a"]`, "Line 1"},
		"no key for hmac":        {set("a", "hmac(item.a)"), `transform[1].set["a"]`, "no key"},
		"deep comprehensions":    {dropIf("item.a.all(a, a.all(b, b.all(c, c.all(d, d == 1))))"), `transform[1].drop_if`, "nest"},
		"cost bomb":              {set("a", bomb()), `transform[1].set["a"]`, "costs at least"},
		"too long":               {set("a", strings.Repeat("item.a + ", 20_000)+"item.a"), `transform[1].set["a"]`, ""},
		"too deep":               {set("a", strings.Repeat("(", 1000)+"1"+strings.Repeat(")", 1000)), `transform[1].set["a"]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems := transform.Compile([]transform.Step{rename("x", "y"), test.step}, transform.Options{})
			if p != nil || len(problems) != 1 {
				t.Fatalf("Compile = %v with %d problems: %v", p, len(problems), problems)
			}
			found := problems[0]
			if found.Attribute != test.attribute || !strings.Contains(found.Cause, test.cause) || found.Summary == "" || found.Next == "" {
				t.Errorf("%s: %v\n%s", found.Attribute, found, found.Next)
			}
			if found.Warning || len(found.Cause) > 500 {
				t.Errorf("warning %t, a cause of %d bytes", found.Warning, len(found.Cause))
			}
		})
	}
}

// bomb is an expression of millions of steps, whatever the item.
func bomb() string {
	list := "[" + strings.Repeat("1,", 199) + "1]"
	return list + ".map(a, " + list + ".map(b, " + list + ".map(c, a + b + c)))"
}

// Each of these is found at an item. The error names the step, and nothing that the item holds.
func TestBadAtItem(t *testing.T) {
	t.Parallel()
	in := `{"id":{"S":"planted-id"},"s":{"S":"planted"},"n":{"N":"4711"},"d":{"N":"47.11"},"big":{"N":"47110000000000000000000000000000004711"},"max":{"N":"9223372036854775807"},` +
		`"l":{"L":[{"S":"planted"}]},"m":{"M":{"planted":{"S":"planted"}}},"t":{"SS":["planted"]},"long":{"L":[` + strings.Repeat(`{"N":"1"},`, 2000) + `{"N":"1"}]}}`
	keys := item.Keys{
		Table:   []item.KeyAttribute{{Name: "id", Type: item.S}},
		Indexes: []item.IndexKey{{Name: "by-status", Partition: []item.KeyAttribute{{Name: "status", Type: item.S}}, Sort: []item.KeyAttribute{{Name: "at", Type: item.N}}}},
	}
	for name, test := range map[string]struct {
		step      transform.Step
		attribute string
		cause     string
	}{
		"key removed":            {remove("id"), `transform[1].remove[0]`, `"id" is in the key of the destination`},
		"key not kept":           {keep("s"), `transform[1].keep`, "is missing"},
		"key renamed":            {rename("id", "q"), `transform[1].rename["id"]`, "is missing"},
		"key too long":           {set("id", "item.long.map(e, 'xx').join()"), `transform[1].set["id"]`, "DynamoDB takes at most 2048"},
		"key emptied":            {set("id", "item.s.substring(7)"), `transform[1].set["id"]`, "is empty"},
		"key of another type":    {set("id", "item.n"), `transform[1].set["id"]`, "has type N"},
		"index key emptied":      {set("status", "''"), `transform[1].set["status"]`, "an index of the destination"},
		"index key of a type":    {rename("s", "at"), `transform[1].rename["s"]`, "has type S"},
		"rename onto another":    {rename("n", "s"), `transform[1].rename["n"]`, "already"},
		"through a text":         {remove("s.street"), `transform[1].remove[0]`, "a map, but an item has a value of type S"},
		"list for a map":         {mask("l.a"), `transform[1].mask[0]`, "type L"},
		"map for a list":         {keep("id", "m[0]"), `transform[1].keep[1]`, "a list, but an item has a value of type M"},
		"set through a number":   {set("n.a", "1"), `transform[1].set["n.a"]`, "type N"},
		"set in no map":          {set("none.a", "1"), `transform[1].set["none.a"]`, "does not have"},
		"set behind a list":      {set("l[5]", "1"), `transform[1].set["l[5]"]`, "does not have"},
		"mask a number":          {mask("n"), `transform[1].mask[0]`, "type N"},
		"mask a set":             {mask("t"), `transform[1].mask[0]`, "type SS"},
		"attribute missing":      {set("a", "item.none + '!'"), `transform[1].set["a"]`, "the attribute none"},
		"dynamic key missing":    {set("a", "item[item.s]"), `transform[1].set["a"]`, "an attribute that it reads"},
		"not a number":           {set("a", "int(item.s)"), `transform[1].set["a"]`, "it fails for an item"},
		"not a time":             {set("a", "timestamp(item.s)"), `transform[1].set["a"]`, "it fails for an item"},
		"not a pattern":          {dropIf("item.s.matches('(' + item.s)"), `transform[1].drop_if`, "it fails for an item"},
		"int and double":         {set("a", "item.n + item.d"), `transform[1].set["a"]`, "types"},
		"too many digits":        {set("a", "item.big + item.n"), `transform[1].set["a"]`, "types"},
		"text and number":        {set("a", "item.s + item.n"), `transform[1].set["a"]`, "types"},
		"overflow":               {set("a", "item.max + item.n"), `transform[1].set["a"]`, "overflow"},
		"division by zero":       {set("a", "item.n / (item.n - 4711)"), `transform[1].set["a"]`, "divi"},
		"infinite":               {set("a", "item.d / 0.0"), `transform[1].set["a"]`, "infinite"},
		"out of range":           {set("a", "item.d * 1e200"), `transform[1].set["a"]`, "cannot hold"},
		"map with numbers":       {set("a", "{item.n: 1}"), `transform[1].set["a"]`, "no text"},
		"no condition":           {dropIf("item.s"), `transform[1].drop_if`, "neither true nor false"},
		"bad namespace":          {set("a", "uuid5(item.s, 'x')"), `transform[1].set["a"]`, "namespace"},
		"bad mask":               {set("a", "mask(item.s, -1)"), `transform[1].set["a"]`, "mask()"},
		"index out of bounds":    {set("a", "item.l[7]"), `transform[1].set["a"]`, ""},
		"substring out of range": {set("a", "item.s.substring(100)"), `transform[1].set["a"]`, ""},
		"cost":                   {dropIf("item.long.all(a, item.long.all(b, a + b == 2))"), `transform[1].drop_if`, "costs more than"},
		"join of numbers":        {set("a", "item.long.join(',')"), `transform[1].set["a"]`, "types"},
		"a duration":             {set("a", "item.n == 1 ? dyn(1) : dyn(duration('1s'))"), `transform[1].set["a"]`, "type that DynamoDB does not have"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, _, err := compile(t, rename("x", "y"), test.step).For(run, keys).Apply([]byte("before"), []byte(in))
			var fault *transform.Error
			if !errors.As(err, &fault) || string(out) != "before" {
				t.Fatalf("Apply = %.80s, %v; want an Error", out, err)
			}
			if fault.Attribute != test.attribute || !strings.Contains(fault.Cause, test.cause) || fault.Next == "" {
				t.Errorf("%v\n%s", fault, fault.Next)
			}
			if text := fault.Error() + fault.Next; strings.Contains(text, "planted") || strings.Contains(text, "4711") {
				t.Errorf("the error quotes a value: %s", text)
			}
		})
	}
}

// What would make gigabytes of one item of the greatest size is refused before it is made.
func TestBadLength(t *testing.T) {
	t.Parallel()
	in := `{"s":{"S":"` + strings.Repeat("a", 200_000) + `"},"l":{"L":[` + strings.Repeat(`{"S":""},`, 15_000) + `{"S":""}]}}`
	for expression, cause := range map[string]string{
		"item.s.replace('', item.s)":           "more than 10 MB",
		"item.s.replace('a', item.s, 199999)":  "more than 10 MB",
		"item.l.join(item.s)":                  "more than 10 MB",
		"item.l.map(e, item.s).join()":         "more than 10 MB",
		"size(item.l.map(e, item.s + item.s))": "costs more than",
		// Texts that double themselves, each as large as an item could hold at first.
		doubling("x + x"):                       "costs more than",
		doubling("'%s%s'.format([x, x])"):       "costs more than",
		doubling("string(bytes(x) + bytes(x))"): "costs more than",
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			_, _, err := compile(t, set("a", expression)).Apply(nil, []byte(in))
			var fault *transform.Error
			if !errors.As(err, &fault) || !strings.Contains(fault.Cause, cause) || len(fault.Error()) > 500 {
				t.Errorf("Apply: %.500v", err)
			}
		})
	}
}

// doubling applies the expression, of x, to a text of the item, and twelve times to what it makes.
func doubling(expression string) string {
	return "size(optional.of(item.s)" + strings.Repeat(".optMap(x, "+expression+")", 12) + ".value())"
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	source := []item.KeyAttribute{{Name: "id", Type: item.S}, {Name: "at", Type: item.N}}
	customer := []item.KeyAttribute{{Name: "customer", Type: item.S}}
	indexed := []item.KeyAttribute{{Name: "customer", Type: item.S}, {Name: "status", Type: item.S}}
	for name, test := range map[string]struct {
		steps      []transform.Step
		key, given []item.KeyAttribute
		missing    string
		attribute  string // Of the one problem.
	}{
		"nothing":                  {nil, source, source, "", ""},
		"not sure":                 {[]transform.Step{remove("x")}, customer, source, "customer", ""},
		"a file may have it":       {[]transform.Step{remove("x")}, customer, nil, "customer", ""},
		"set":                      {[]transform.Step{set("customer", "'c-' + item.id")}, customer, source, "", ""},
		"set of any type":          {[]transform.Step{set("customer", "item.c")}, customer, source, "", ""},
		"set now and then":         {[]transform.Step{set("customer", "item.?c")}, customer, source, "", ""},
		"set to a wrong type":      {[]transform.Step{set("customer", "size(item.id)")}, customer, source, "", `transform[0].set["customer"]`},
		"renamed":                  {[]transform.Step{rename("id", "customer")}, customer, source, "", ""},
		"renamed of what may be":   {[]transform.Step{rename("c", "customer")}, customer, source, "", ""},
		"renamed of a wrong type":  {[]transform.Step{rename("at", "customer")}, customer, source, "", `transform[0].rename["at"]`},
		"renamed away":             {[]transform.Step{rename("id", "customer")}, source, source, "", `transform[0].rename["id"]`},
		"removed":                  {[]transform.Step{mask("id"), remove("y", "at")}, source, source, "", `transform[1].remove[1]`},
		"removed, for a file":      {[]transform.Step{remove("id")}, source[:1], nil, "", `transform[0].remove[0]`},
		"removed and set":          {[]transform.Step{remove("at"), set("at", "1")}, source, source, "", ""},
		"not kept":                 {[]transform.Step{keep("id")}, source, source, "", `transform[0].keep`},
		"kept":                     {[]transform.Step{keep("id", "at")}, source, source, "", ""},
		"something in it removed":  {[]transform.Step{remove("id.x")}, source, source, "", ""},
		"set, then renamed":        {[]transform.Step{set("c", "'x'"), rename("c", "customer"), mask("customer")}, customer, source, "", ""},
		"renamed, then not kept":   {[]transform.Step{rename("id", "customer"), keep("id")}, customer, source, "", `transform[1].keep`},
		"an index, wrong type":     {[]transform.Step{set("status", "1")}, source, source, "", `transform[0].set["status"]`},
		"an index, renamed to it":  {[]transform.Step{set("at2", "item.at"), rename("at", "status"), rename("at2", "at")}, source, source, "", `transform[1].rename["at"]`},
		"an index, now and then":   {[]transform.Step{set("status", "item.?at")}, source, source, "", ""},
		"an index without it":      {[]transform.Step{remove("status")}, source, source, "", ""},
		"in both, once":            {[]transform.Step{set("customer", "1")}, customer, source, "", `transform[0].set["customer"]`},
		"a gone one renamed to it": {[]transform.Step{remove("c"), rename("c", "customer")}, customer, source, "customer", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			missing, found := compile(t, test.steps...).CheckKey(test.key, indexed, test.given)
			names, attributes := "", ""
			for _, attribute := range missing {
				names += attribute.Name
			}
			for _, f := range found {
				attributes += f.Attribute
			}
			if names != test.missing || attributes != test.attribute {
				t.Errorf("CheckKey = %q, %q; want %q, %q: %v", names, attributes, test.missing, test.attribute, found)
			}
		})
	}
}

func TestTellsApart(t *testing.T) {
	t.Parallel()
	id, at := item.KeyAttribute{Name: "id", Type: item.S}, item.KeyAttribute{Name: "at", Type: item.N}
	customer := item.KeyAttribute{Name: "customer", Type: item.S}
	both, other := []item.KeyAttribute{id, at}, item.KeyAttribute{Name: "other", Type: item.S}
	swap := transform.Step{Set: map[string]string{"id": "hmac(item.other)", "other": "hmac(item.id)"}}
	for name, test := range map[string]struct {
		steps       []transform.Step
		source, key []item.KeyAttribute
		apart       bool
		by          string
	}{
		"nothing":                      {nil, both, both, true, ""},
		"other attributes":             {[]transform.Step{set("x", "1"), mask("y"), set("id.x", "1")}, both, both, true, ""},
		"renamed":                      {[]transform.Step{rename("id", "customer")}, both[:1], []item.KeyAttribute{customer}, true, ""},
		"set":                          {[]transform.Step{remove("x"), set("id", "'same'")}, both, both, false, `transform[1].set["id"]`},
		"set, then renamed":            {[]transform.Step{set("id", "'same'"), rename("id", "customer")}, both[:1], []item.KeyAttribute{customer}, false, `transform[0].set["id"]`},
		"hmac":                         {[]transform.Step{set("id", "hmac(item.id)")}, both, both, true, ""},
		"sha256 between texts":         {[]transform.Step{set("id", "'a-' + sha256(item['id']) + '-z'")}, both, both, true, ""},
		"uuid5, then renamed":          {[]transform.Step{set("id", "uuid5('dns', item.id)"), rename("id", "customer")}, both[:1], []item.KeyAttribute{customer}, true, ""},
		"uuid5, another space each":    {[]transform.Step{set("id", "uuid5(item.space, item.id)")}, both[:1], both[:1], false, `transform[0].set["id"]`},
		"hmac of a digest":             {[]transform.Step{set("id", "sha256(item.id)"), set("id", "hmac(item.id)")}, both[:1], both[:1], true, ""},
		"hmac of what was set":         {[]transform.Step{set("id", "'same'"), set("id", "hmac(item.id)")}, both[:1], both[:1], false, `transform[0].set["id"]`},
		"hmac of another attribute":    {[]transform.Step{set("id", "hmac(item.name)")}, both[:1], both[:1], false, `transform[0].set["id"]`},
		"hmac of a part":               {[]transform.Step{set("id", "hmac(item.id.substring(0, 2))")}, both[:1], both[:1], false, `transform[0].set["id"]`},
		"hmac of a member":             {[]transform.Step{set("id", "hmac(item.id.id)")}, both[:1], both[:1], false, `transform[0].set["id"]`},
		"hmac of one half for both":    {[]transform.Step{set("id", "hmac(item.other)"), set("other", "'x'")}, []item.KeyAttribute{id, other}, []item.KeyAttribute{id, other}, false, `transform[1].set["other"]`},
		"hmac, swapped":                {[]transform.Step{swap}, []item.KeyAttribute{id, other}, []item.KeyAttribute{id, other}, true, ""},
		"no key, hmac":                 {[]transform.Step{set("id", "hmac(item.id)")}, nil, both, true, ""},
		"masked":                       {[]transform.Step{mask("id")}, both[:1], both[:1], false, `transform[0].mask[0]`},
		"set besides the whole key":    {[]transform.Step{set("at", "1")}, both[:1], both, true, ""},
		"a part of the key":            {nil, both, both[:1], false, ""},
		"of an index":                  {nil, both[:1], []item.KeyAttribute{customer}, false, ""},
		"renamed by the other's name":  {[]transform.Step{rename("id", "old"), set("id", "item.at")}, both[:1], both[:1], false, `transform[1].set["id"]`},
		"no key, other attributes":     {[]transform.Step{set("x", "1"), rename("x", "y")}, nil, both, true, ""},
		"no key, set":                  {[]transform.Step{set("id", "'same'")}, nil, both, false, `transform[0].set["id"]`},
		"no key, masked, then renamed": {[]transform.Step{mask("name"), rename("name", "id")}, nil, both, false, `transform[0].mask[0]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if by, apart := compile(t, test.steps...).TellsApart(test.source, test.key); apart != test.apart || by != test.by {
				t.Errorf("TellsApart = %q, %v", by, apart)
			}
		})
	}
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	of := func(key string, steps ...transform.Step) string {
		p, problems := transform.Compile(steps, transform.Options{HMACKey: []byte(key)})
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		return string(p.Definition())
	}
	hashed := set("a", "hmac(item.a)")
	if one, two := of("planted", hashed), of("other", hashed); one == two || strings.Contains(one, "planted") {
		t.Errorf("the definitions for two keys are %s and %s", one, two)
	}
	if one, two := of("planted", remove("a")), of("other", remove("a")); one != two {
		t.Errorf("without hmac() the key is in the definition: %s and %s", one, two)
	}
	if one, two := of("k", remove("a"), remove("b")), of("k", remove("b"), remove("a")); one == two {
		t.Errorf("two transforms have the definition %s", one)
	}
	if _, problems := transform.Compile([]transform.Step{hashed}, transform.Options{HMACKeyLater: true}); len(problems) > 0 {
		t.Errorf("a key that is not known yet: %v", problems[0])
	}
}
