package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A hostConfig describes one host; test/cluster/host-config.ts writes it.
type hostConfig struct {
	Hostname string
	// Path of the network namespace, which exists already.
	NetworkNamespace string
	Cgroups          []cgroup
	// Folder of the host's own files and logs.
	Folder string
	// Where `host boot` itself goes once pid 1 runs, with cgroup v2 alone: there the host's own cgroup must become empty.
	BootCgroup string
	Mounts     []mount
	// Make `/` read-only once all mounts are there, so that a host cannot write to the machine.
	ReadOnlyRoot bool
	Services     []service
}

// A cgroup is one hierarchy: where the host's part of it is on the machine, and how to mount it inside.
type cgroup struct {
	Name    string
	Type    string
	Options string
	Folder  string
}

// A mount is made in the order given. Type is "bind", "overlay" (of Source's folders upper and work over Target)
// or "tmpfs".
type mount struct {
	Type   string
	Source string
	Target string
	// Of a tmpfs, in octal digits.
	Mode string
}

// A service is started once WaitFor exists, and again a second after it ends.
type service struct {
	Name        string
	Command     []string
	Environment []string
	WaitFor     string
	// File of one line NAME="flags", as kubeadm writes for the kubelet.
	FlagsFile string
}

// boot stays until the host's pid 1 ends: somebody must reap it.
func boot(file string) error {
	var config hostConfig
	if err := read(file, &config); err != nil {
		return err
	}
	var folders []string
	for _, hierarchy := range config.Cgroups {
		folders = append(folders, hierarchy.Folder)
	}
	if err := joinCgroups(folders); err != nil {
		return err
	}
	runtime.LockOSThread() // a network namespace belongs to a thread
	if err := enterNetwork(config.NetworkNamespace); err != nil {
		return err
	}
	child := exec.Command("/proc/self/exe", "init", file)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWPID | syscall.CLONE_NEWCGROUP,
		Setsid:     true,
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := child.Start(); err != nil {
		return err
	}
	pidFile := filepath.Join(config.Folder, "pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(child.Process.Pid)), 0o644); err != nil {
		return err
	}
	if config.BootCgroup != "" {
		if err := joinCgroups([]string{config.BootCgroup}); err != nil {
			return err
		}
	}
	_ = child.Wait()
	return os.Remove(pidFile)
}

func enterNetwork(path string) error {
	namespace, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = namespace.Close() }()
	return os.NewSyscallError("setns "+path, unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET))
}
