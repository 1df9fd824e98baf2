"""Real sshd processes for tests: own keys, own ports, and the client configuration that leads to them."""

from harness import need_program, wait_until


class Openssh:
    """Keys and client configuration in a test's folder; every `add` starts one sshd, which ends with the test."""

    def __init__(self, test):
        self.sshd = need_program("sshd", "openssh-server")
        keygen = need_program("ssh-keygen", "openssh-client")
        self.test = test
        self.ports = {}
        self.home = test.folder / "home"
        self.home.mkdir()
        self.config = test.folder / "ssh_config"
        self.config.write_text(
            f"Host *\n  User root\n  IdentityFile {test.folder}/id\n  IdentitiesOnly yes\n  LogLevel ERROR\n"
            f"  StrictHostKeyChecking accept-new\n  UserKnownHostsFile {test.folder}/known_hosts\n  ConnectTimeout 5\n")
        for name in ("host_key", "id"):
            test.run_tool([keygen, "-q", "-t", "ed25519", "-N", "", "-f", test.folder / name])
        (test.folder / "authorized_keys").write_bytes((test.folder / "id.pub").read_bytes())
        test.run_tool(["mkdir", "-p", "/run/sshd"])

    def add(self, name, port, address="127.0.0.1", inside=()):
        """Starts an sshd for the host `name`, below the words `inside` (`ip netns exec …`)."""
        folder = self.test.folder
        self.ports[name] = port
        variables = {"LAB_HOST": name, "PATH": self.test.env["PATH"]}
        if "DOCKER_HOST" in self.test.env:
            variables["DOCKER_HOST"] = self.test.env["DOCKER_HOST"]
        # Without a HOME of its own each session would run root's shell start-up files.
        variables["HOME"] = self.home
        server = self.test.file(f"sshd_{name}", "\n".join([
            f"Port {port}", f"ListenAddress {address}", f"HostKey {folder}/host_key", f"PidFile {folder}/{name}.pid",
            f"AuthorizedKeysFile {folder}/authorized_keys", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password", "UsePAM no", "StrictModes no",
            "MaxStartups 100:30:200", f"SetEnv {' '.join(f'{key}={value}' for key, value in variables.items())}", ""]))
        process = self.test.daemon([*inside, self.sshd, "-D", "-f", server, "-E", folder / f"{name}.log"])
        with self.config.open("a") as config:
            config.write(f"Host {name}\n  HostName {address}\n  Port {port}\n")
        pid = folder / f"{name}.pid"
        wait_until(pid.exists, f"sshd of {name} runs (see {name}.log)")
        return process

    def name_host(self, name, address, port):
        """A host without sshd."""
        with self.config.open("a") as config:
            config.write(f"Host {name}\n  HostName {address}\n  Port {port}\n")

    def hosts_file(self, *hosts):
        """An experiment file that leads the shipped ssh backend to these hosts."""
        names = ", ".join(hosts)
        return self.test.file(
            "hosts.yaml",
            f"backend_options:\n  ssh:\n    hosts: [{names}]\n    placeholders:\n      SSHFLAGS: [-F, {self.config}]\n")
