// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package store_test

import (
	"net/http"
	"testing"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/filter"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// An item that is gone when its turn comes was deleted by somebody else, unless an earlier attempt was interrupted: a request of it
// may be carried out late.
func TestConditionalDeleteOfWhatIsGone(t *testing.T) {
	t.Parallel()
	opened := answeringTable(t, http.StatusBadRequest, []byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no"}`))
	for repeated, want := range map[bool]store.Outcome{false: store.Skipped, true: store.Written} {
		sink, err := opened.NewConditionalDeletes(t.Context(), &filter.Filter{Expression: "attribute_exists(x)"})
		if err != nil {
			t.Fatal(err)
		}
		if again, ok := sink.(interface{ Repeated() }); !ok {
			t.Fatal("the sink does not take that it is repeated")
		} else if repeated {
			again.Repeated()
		}
		outcomes := []store.Outcome{store.Pending}
		if _, err := sink.Write(t.Context(), [][]byte{[]byte(`{"id":{"S":"1"}}`)}, outcomes); err != nil || outcomes[0] != want {
			t.Errorf("repeated %t: outcome %v, want %v (%v)", repeated, outcomes[0], want, err)
		}
	}
}

// An answer that cannot be read, such as a proxy's page with status 200, acknowledges nothing.
func TestConditionalWritesWithAnUnreadableAnswer(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "<html>maintenance</html>", `{"ConsumedCapacity":{"CapacityUnits":"some"}}`} {
		table := answeringTable(t, http.StatusOK, []byte(answer))
		puts, err := table.NewConditionalPuts(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		deletes, err := table.NewConditionalDeletes(t.Context(), &filter.Filter{Expression: "attribute_exists(x)"})
		if err != nil {
			t.Fatal(err)
		}
		for _, sink := range []store.Sink{puts, deletes} {
			outcomes := []store.Outcome{store.Pending}
			if _, err := sink.Write(t.Context(), [][]byte{[]byte(`{"id":{"S":"1"}}`)}, outcomes); err == nil || outcomes[0] != store.Pending {
				t.Errorf("%T takes %q: outcome %v (%v)", sink, answer, outcomes[0], err)
			}
		}
	}
}
