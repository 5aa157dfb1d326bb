package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// initialise is pid 1 of a host: it makes the host's view of files, starts its services and reaps all orphans.
func initialise(file string) error {
	var config hostConfig
	if err := read(file, &config); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(config.Hostname)); err != nil {
		return err
	}
	if err := mountAll(config); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(state, "ready"), nil, 0o644); err != nil {
		return err
	}
	supervisor := supervisor{running: map[int]service{}}
	for _, each := range config.Services {
		go supervisor.start(each)
	}
	// At its end nothing needs to be put in order: the kernel kills all that is left in the namespace of a dead pid 1.
	supervisor.reap()
	return nil
}

func mountAll(config hostConfig) error {
	// First private, so that nothing shows on the machine; then shared, as containers' mount propagation needs.
	for _, propagation := range []uintptr{syscall.MS_PRIVATE, syscall.MS_SHARED} {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|propagation, ""); err != nil {
			return fmt.Errorf("propagation of /: %w", err)
		}
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("/proc: %w", err)
	}
	for _, each := range config.Mounts {
		if err := mountOne(each); err != nil {
			return fmt.Errorf("%s on %s: %w", each.Type, each.Target, err)
		}
	}
	if err := mountCgroups(config.Cgroups); err != nil {
		return err
	}
	if !config.ReadOnlyRoot {
		return nil
	}
	return syscall.Mount("", "/", "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "")
}

func mountOne(each mount) error {
	if err := os.MkdirAll(each.Target, 0o755); err != nil {
		return err
	}
	switch each.Type {
	case "tmpfs":
		return syscall.Mount("tmpfs", each.Target, "tmpfs", 0, "mode="+each.Mode)
	case "bind":
		return syscall.Mount(each.Source, each.Target, "", syscall.MS_BIND|syscall.MS_REC, "")
	case "overlay":
		options := fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work", each.Target, each.Source, each.Source)
		return syscall.Mount("overlay", each.Target, "overlay", 0, options)
	}
	return errors.New("unknown type")
}

// mountCgroups shows the host its own part of every hierarchy as the whole; /sys is mounted afresh because the
// machine's shows the machine's network.
func mountCgroups(hierarchies []cgroup) error {
	if len(hierarchies) == 0 {
		return nil
	}
	if err := syscall.Unmount("/sys", syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount /sys: %w", err)
	}
	if err := syscall.Mount("sysfs", "/sys", "sysfs", 0, ""); err != nil {
		return fmt.Errorf("/sys: %w", err)
	}
	if only := hierarchies[0]; only.Name == "" {
		return mountUnified(only)
	}
	if err := syscall.Mount("cgroup", "/sys/fs/cgroup", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("/sys/fs/cgroup: %w", err)
	}
	for _, each := range hierarchies {
		target := filepath.Join("/sys/fs/cgroup", each.Name)
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("cgroup", target, each.Type, 0, each.Options); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return nil
}

// mountUnified is for machines with cgroup v2 alone: a cgroup that hands controllers on may hold no process itself.
func mountUnified(only cgroup) error {
	const root = "/sys/fs/cgroup"
	if err := syscall.Mount("cgroup", root, only.Type, 0, only.Options); err != nil {
		return fmt.Errorf("%s: %w", root, err)
	}
	if err := os.MkdirAll(root+"/init", 0o755); err != nil {
		return err
	}
	for {
		processes, err := os.ReadFile(root + "/cgroup.procs")
		if err != nil {
			return err
		}
		left := strings.Fields(string(processes))
		if len(left) == 0 {
			break
		}
		for _, pid := range left {
			// 0 stands for the process of `host boot`, which this namespace cannot see; it is about to leave by itself.
			if pid == "0" {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			if err := os.WriteFile(root+"/init/cgroup.procs", []byte(pid), 0o644); err != nil {
				return err
			}
		}
	}
	controllers, err := os.ReadFile(root + "/cgroup.controllers")
	if err != nil {
		return err
	}
	for _, controller := range strings.Fields(string(controllers)) {
		if err := os.WriteFile(root+"/cgroup.subtree_control", []byte("+"+controller), 0o644); err != nil {
			return err
		}
	}
	return nil
}

type supervisor struct {
	lock    sync.Mutex
	running map[int]service
}

const state = "/run/berth/host"

// start waits until the service may run: its file exists, and nobody keeps it down (a file down/NAME).
func (s *supervisor) start(each service) {
	for (each.WaitFor != "" && !exists(each.WaitFor)) || exists(filepath.Join(state, "down", each.Name)) {
		time.Sleep(100 * time.Millisecond)
	}
	command := append([]string{}, each.Command...)
	if each.FlagsFile != "" {
		command = append(command, flags(each.FlagsFile)...)
	}
	log, err := os.OpenFile(filepath.Join(state, "logs", each.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		fail(err)
	}
	defer func() { _ = log.Close() }()
	null, err := os.Open(os.DevNull)
	if err != nil {
		fail(err)
	}
	defer func() { _ = null.Close() }()

	s.lock.Lock() // reap must not see the end of a process before it is written down here
	defer s.lock.Unlock()
	process, err := os.StartProcess(command[0], command, &os.ProcAttr{
		Dir: "/", Env: each.Environment, Files: []*os.File{null, log, log},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		fail(err)
	}
	s.running[process.Pid] = each
	pidFile := filepath.Join(state, "pids", each.Name)
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(process.Pid)), 0o644); err != nil {
		fail(err)
	}
}

func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil {
			time.Sleep(50 * time.Millisecond) // no child yet
			continue
		}
		s.lock.Lock()
		each, ours := s.running[pid]
		delete(s.running, pid)
		s.lock.Unlock()
		if ours {
			fmt.Fprintf(os.Stderr, "%s %s ended: exit %d, signal %d\n", time.Now().Format(time.RFC3339), each.Name, status.ExitStatus(), status.Signal())
			_ = os.Remove(filepath.Join(state, "pids", each.Name))
			go func() { time.Sleep(time.Second); s.start(each) }()
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// flags reads NAME="--a=b --c" as kubeadm writes it; no flag of it holds a space.
func flags(file string) []string {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	_, value, _ := strings.Cut(strings.TrimSpace(string(text)), "=")
	return strings.Fields(strings.Trim(value, `"`))
}
