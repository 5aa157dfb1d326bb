// Host is what the machine runs so that a few namespaces behave like hosts of their own.
//
//	host boot CONFIG.json     start a host: join its cgroups and network, make its namespaces, run its pid 1
//	host init CONFIG.json     that pid 1 (started by boot only)
//	host relay CONFIG.json    carry loopback ports of the machine into a network namespace
//	host answer ADDRESS...    an HTTP server that says who asked
//	host ask URL...           asks such servers, three seconds each; fails when one does not answer
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("want: host boot|init|relay CONFIG.json, host answer ADDRESS... or host ask URL..."))
	}
	var err error
	switch os.Args[1] {
	case "boot":
		err = boot(os.Args[2])
	case "init":
		err = initialise(os.Args[2])
	case "relay":
		err = relay(os.Args[2])
	case "answer":
		err = answer(os.Args[2:])
	case "ask":
		err = ask(os.Args[2:])
	default:
		err = fmt.Errorf("unknown command %q", os.Args[1])
	}
	fail(err)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// joinCgroups moves this process into the given folders, so that whatever it starts is found there when all must go.
func joinCgroups(folders []string) error {
	for _, folder := range folders {
		procs := filepath.Join(folder, "cgroup.procs")
		if err := os.WriteFile(procs, []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
			return err
		}
	}
	return nil
}
