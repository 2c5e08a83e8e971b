// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package tables

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/problem"
	"github.com/dynamoops/terraform-provider-dynamoops/internal/engine/store"
)

// A table that is CREATING is usually ACTIVE soon, so a run waits for it, unless AWS restores it, which may take hours.
// A table that is UPDATING can be read and written. DynamoDB refuses to delete it, so the plan of a recreate refuses it
// too; a recreate whose table becomes UPDATING after the plan waits. Other states do not pass by themselves, or take
// hours, such as a new index.

// MostPassing is how long a run waits for a table to become usable.
const MostPassing = 10 * time.Minute

const PassingPause = 2 * time.Second

// PassingError reports a table whose status keeps it from being used for a while.
type PassingError struct {
	Client *dynamodb.Client
	Table  string // As given: a name or an ARN.
	Status types.TableStatus
}

func (e *PassingError) Error() string { return fmt.Sprintf("the table is %s", e.Status) }

// Unwrap makes it a store.ErrNotActive too.
func (e *PassingError) Unwrap() error { return store.ErrNotActive }

// Passing returns the error that the table's status keeps it from being used for a while.
func (t *Table) Passing() error {
	return &PassingError{t.Client, t.Name, t.Description.TableStatus}
}

// AnnouncePassing makes the errors of tables that are CREATING warnings, since an apply waits for them.
func AnnouncePassing(found []*problem.Problem) []*problem.Problem {
	for _, p := range found {
		if passing, ok := errors.AsType[*PassingError](p.Err); ok && passing.Status == types.TableStatusCreating {
			p.Warning, p.Err = true, nil
			p.Next = fmt.Sprintf(
				"Apply: the run waits until the table is ACTIVE, for %.0f minutes at most.",
				MostPassing.Minutes(),
			)
		}
	}
	return found
}
