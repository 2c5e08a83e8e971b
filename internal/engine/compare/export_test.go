// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package compare

// Hold has so many keys held in memory.
func (k *Keys) Hold(keys int) { k.hold = keys }
