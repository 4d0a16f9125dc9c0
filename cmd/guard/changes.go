package main

import (
	"cmp"

	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/finding"
)

// changes are those that the change makes to the configuration; none without a base, whose configuration is in force.
func (f *evalFlags) changes() []finding.Problem {
	var told []finding.Problem
	for _, c := range config.Changes(f.file, f.head, f.known) {
		message := map[config.Effect]string{
			config.Loosens:  "it loosens guard's rules, once merged: ",
			config.Either:   "it changes guard's rules, once merged: ",
			config.Tightens: "it tightens guard's rules, once merged: ",
		}[c.Effect] + c.Message
		if c.Base {
			message += " (as in " + cmp.Or(f.baseName(), c.Place.File) + ")"
		}
		told = append(told, finding.Problem{Place: c.Place, Message: message})
	}
	return told
}

func (f *evalFlags) baseName() string {
	if f.Revision != nil {
		return f.Revision.Name
	}
	return f.Base
}
