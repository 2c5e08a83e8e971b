// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare

// Hold sets how many keys are held in memory.
func (k *Keys) Hold(keys int) { k.hold = keys }
