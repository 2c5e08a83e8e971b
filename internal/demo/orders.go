// Copyright (c) dynamoops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"
)

type order struct {
	CustomerID string      `json:"customer_id"`
	OrderID    string      `json:"order_id"`
	Status     string      `json:"status"`
	Amount     json.Number `json:"amount"`
	Address    address     `json:"address"`
	Lines      []line      `json:"lines"`

	cents int // Amount in cents.
}

type address struct {
	City    string `json:"city"`
	Zip     string `json:"zip"`
	Country string `json:"country"`
}

type line struct {
	SKU      string      `json:"sku"`
	Quantity int         `json:"quantity"`
	Price    json.Number `json:"price"`
}

// orderCounts are how many of the orders of a file there are, of each kind that the configuration tells apart.
type orderCounts struct {
	all, openOf100, cancelled int
}

// statuses of twenty orders.
var statuses = slices.Concat(
	slices.Repeat([]string{"SHIPPED"}, 16),
	slices.Repeat([]string{"OPEN"}, 3),
	[]string{"CANCELLED"},
)

var cities = []address{
	{"Leipzig", "04109", "DE"},
	{"Zürich", "8004", "CH"},
	{"Łódź", "90-001", "PL"},
	{"Gent", "9000", "BE"},
	{"A Coruña", "15001", "ES"},
}

// writeOrders writes a file with that many orders, one on each line: the same ones each time.
func writeOrders(path string, number int) (counts orderCounts, err error) {
	file, err := os.Create(path)
	if err != nil {
		return counts, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range number {
		o := newOrder(random, n)
		if err := encoder.Encode(o); err != nil {
			return counts, err
		}
		counts.add(o)
	}
	return counts, buffered.Flush()
}

func newOrder(random *rand.Rand, n int) order {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(300))
	o := order{
		CustomerID: fmt.Sprintf("c-%04d", random.IntN(5000)),
		OrderID:    fmt.Sprintf("%s#%d", day.Format(time.DateOnly), n),
		Status:     statuses[random.IntN(len(statuses))],
		Address:    cities[random.IntN(len(cities))],
	}
	for range 1 + random.IntN(4) {
		price := 99 + random.IntN(6000)
		l := line{SKU: fmt.Sprintf("A-%03d", random.IntN(1000)), Quantity: 1 + random.IntN(3), Price: decimal(price)}
		o.Lines = append(o.Lines, l)
		o.cents += price * l.Quantity
	}
	o.Amount = decimal(o.cents)
	return o
}

func decimal(cents int) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
}

func (c *orderCounts) add(o order) {
	c.all++
	switch {
	case o.Status == "CANCELLED":
		c.cancelled++
	case o.Status == "OPEN" && o.cents >= 100_00:
		c.openOf100++
	}
}
