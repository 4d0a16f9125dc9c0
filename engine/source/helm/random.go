package helm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/Masterminds/sprig/v3"
)

// dice are the template functions that answer differently from call to call.
func dice() []string {
	return []string{
		"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "uuidv4", "shuffle",
		"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
		"bcrypt", "htpasswd", "encryptAES", "now", "ago", "date", "dateInZone", "date_in_zone", "htmlDate", "htmlDateInZone",
		"keys", "values",
	}
}

// memory keeps what the dice showed in one render, so that another can be given the same: keys are slow to make, and lines
// that differ are hard to compare.
type memory struct {
	rolled map[string][][]reflect.Value
	thrown bool
}

// throw are the dice, remembered.
func (m *memory) throw() map[string]any {
	m.rolled = map[string][][]reflect.Value{}
	return wrap(func(name string, args []reflect.Value, call func() []reflect.Value) []reflect.Value {
		m.thrown = true
		results := call()
		of := spellCall(name, args)
		m.rolled[of] = append(m.rolled[of], results)
		return results
	})
}

// replay are functions that answer as the dice did, call by call, and throw them when asked something else.
func (m *memory) replay() map[string]any {
	asked := map[string]int{}
	return wrap(func(name string, args []reflect.Value, call func() []reflect.Value) []reflect.Value {
		of := spellCall(name, args)
		n := asked[of]
		asked[of]++
		if n < len(m.rolled[of]) {
			return m.rolled[of][n]
		}
		return call()
	})
}

func spellCall(name string, args []reflect.Value) string {
	var call strings.Builder
	call.WriteString(name)
	for _, arg := range args {
		fmt.Fprintf(&call, "\x00%v", arg)
	}
	return call.String()
}

func wrap(ask func(name string, args []reflect.Value, call func() []reflect.Value) []reflect.Value) map[string]any {
	all := sprig.TxtFuncMap()
	functions := map[string]any{}
	for _, name := range dice() {
		die := reflect.ValueOf(all[name])
		if !die.IsValid() {
			continue
		}
		functions[name] = reflect.MakeFunc(die.Type(), func(args []reflect.Value) []reflect.Value {
			return ask(name, args, func() []reflect.Value {
				if die.Type().IsVariadic() {
					return die.CallSlice(args)
				}
				return quick(all, name, args)
			})
		}).Interface()
	}
	return functions
}

// quick calls a function with elliptic keys where it would make RSA keys, which takes seconds: what it answers is random
// either way.
func quick(all map[string]any, name string, args []reflect.Value) []reflect.Value {
	generate, ok := all["genPrivateKey"].(func(string) string)
	switch name {
	case "genPrivateKey":
		if kind := args[0].String(); ok && (kind == "rsa" || kind == "dsa") {
			args = []reflect.Value{reflect.ValueOf("ecdsa")}
		}
	case "genCA", "genSelfSignedCert", "genSignedCert":
		if with := reflect.ValueOf(all[name+"WithKey"]); ok && with.IsValid() {
			return with.Call(append(slices.Clip(args), reflect.ValueOf(generate("ecdsa"))))
		}
	}
	return reflect.ValueOf(all[name]).Call(args)
}
