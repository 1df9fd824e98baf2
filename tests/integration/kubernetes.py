"""As much of a Kubernetes API server as kubectl needs to look up Knative services and to list and delete pods."""

import http.server
import json
import threading
from urllib.parse import parse_qs, urlparse

VERBS = ["get", "list", "watch", "delete", "deletecollection"]


def resource(name, kind, short):
    return {"name": name, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": VERBS,
            "shortNames": short}


class Cluster:
    """Pods by (namespace, name) with their labels; services by name with their URL. Remembers what was deleted."""

    def __init__(self, test):
        self.pods = {}
        self.services = {}
        self.deleted = []
        self.requests = []
        self.lock = threading.Lock()
        cluster = self

        class Handler(ApiHandler):
            state = cluster

        self.port = test.serve(Handler)
        test.env["KUBECONFIG"] = str(test.file("kubeconfig", json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "lab",
            "clusters": [{"name": "lab", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab", "namespace": "default"}}],
            "users": [{"name": "lab", "user": {}}]})))
        test.env["KUBECACHEDIR"] = str(test.folder / "kubecache")
        test.env["HOME"] = str(test.folder)

    def add_pod(self, name, labels, namespace="default"):
        self.pods[namespace, name] = labels


class ApiHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, reason, message):
        self.answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": reason,
                     "message": message, "code": status}, status)

    def parse(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlparse(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        with self.state.lock:
            self.state.requests.append(f"{self.command} {self.path}")
        return [part for part in url.path.split("/") if part], query

    def do_GET(self):
        parts, query = self.parse()
        fixed = {
            ("version",): {"major": "1", "minor": "28", "gitVersion": "v1.28.0"},
            ("api",): {"kind": "APIVersions", "versions": ["v1"]},
            ("apis",): {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": "serving.knative.dev",
                 "versions": [{"groupVersion": "serving.knative.dev/v1", "version": "v1"}],
                 "preferredVersion": {"groupVersion": "serving.knative.dev/v1", "version": "v1"}}]},
            ("api", "v1"): {"kind": "APIResourceList", "groupVersion": "v1",
                            "resources": [resource("pods", "Pod", ["po"])]},
            ("apis", "serving.knative.dev", "v1"): {
                "kind": "APIResourceList", "groupVersion": "serving.knative.dev/v1",
                "resources": [resource("services", "Service", ["kservice", "ksvc"])]},
        }.get(tuple(parts))
        if fixed is not None:
            return self.answer(fixed)
        if parts[:3] == ["api", "v1", "namespaces"] and parts[4:5] == ["pods"]:
            return self.get_pods(parts[3], parts[5:], query)
        if parts[:4] == ["apis", "serving.knative.dev", "v1", "namespaces"] and parts[5:6] == ["services"]:
            return self.get_service(parts[6])
        return self.refuse(404, "NotFound", f"the server could not find {self.path}")

    def get_service(self, name):
        url = self.state.services.get(name)
        if url is None:
            return self.refuse(404, "NotFound", f'services.serving.knative.dev "{name}" not found')
        return self.answer({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": name},
                            "status": {"url": url}})

    def pod(self, namespace, name):
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": self.state.pods[namespace, name]}}

    def selected(self, namespace, query):
        wanted = [term.partition("=")[::2] for term in query.get("labelSelector", "").split(",") if term]
        field, _, name = query.get("fieldSelector", "").partition("=")
        with self.state.lock:
            return [self.pod(namespace, pod) for (space, pod), labels in self.state.pods.items()
                    if space == namespace and all(labels.get(key) == value for key, value in wanted)
                    and (field != "metadata.name" or pod == name)]

    def get_pods(self, namespace, name, query):
        if query.get("watch") in ("true", "1"):
            return self.answer({"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {
                "resourceVersion": "1"}}})
        if not name:
            return self.answer({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"},
                                "items": self.selected(namespace, query)})
        if (namespace, name[0]) not in self.state.pods:
            return self.refuse(404, "NotFound", f'pods "{name[0]}" not found')
        return self.answer(self.pod(namespace, name[0]))

    def do_DELETE(self):
        parts, query = self.parse()
        if parts[:3] != ["api", "v1", "namespaces"] or parts[4:5] != ["pods"]:
            return self.refuse(404, "NotFound", f"the server could not find {self.path}")
        namespace = parts[3]
        if len(parts) == 5:
            for pod in self.selected(namespace, query):
                self.delete(namespace, pod["metadata"]["name"])
            return self.answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})
        if (namespace, parts[5]) not in self.state.pods:
            return self.refuse(404, "NotFound", f'pods "{parts[5]}" not found')
        body = self.pod(namespace, parts[5])
        self.delete(namespace, parts[5])
        return self.answer(body)

    def delete(self, namespace, name):
        """Whoever manages the pod puts another one in its place, as in a real cluster."""
        with self.state.lock:
            labels = self.state.pods.pop((namespace, name))
            self.state.deleted.append(name)
            base, _, number = name.rpartition("-")
            self.state.pods[namespace, f"{base}-{int(number) + 1}"] = labels
