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

// A table that is CREATING is ACTIVE soon, as a rule, so a run waits for it, unless AWS restores it, which may take
// hours. One that is UPDATING can be read and written like any other. DynamoDB refuses to delete it, so the plan of a
// recreate refuses it too, and a recreate whose table came to be UPDATING after the plan waits. Whatever else keeps a
// table from being used does not pass by itself, or takes hours, such as a new index.

// MostPassing is how long a run waits for a table, passingPause the time between two looks.
const MostPassing = 10 * time.Minute

const PassingPause = 2 * time.Second

// PassingError is why a table cannot be used: its status, which passes.
type PassingError struct {
	Client *dynamodb.Client
	Table  string // As given: a name or an ARN.
	Status types.TableStatus
}

func (e *PassingError) Error() string { return fmt.Sprintf("the table is %s", e.Status) }

// Unwrap makes it the error of a table that is not ACTIVE.
func (e *PassingError) Unwrap() error { return store.ErrNotActive }

// Passing is the error of the table's status, which passes.
func (t *Table) Passing() error {
	return &PassingError{t.Client, t.Name, t.Description.TableStatus}
}

// AnnouncePassing makes warnings of tables that are CREATING, for which an apply waits.
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
