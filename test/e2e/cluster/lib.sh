# What the scripts of both tiers share. Everything of one cluster lies in $state
# and its programs in $bin; both come from the caller.
# shellcheck shell=bash disable=SC2154

service_cidr=10.96.0.0/16
service_ip=10.96.0.1
node_name=e2e-node
node_ip=10.89.0.10

# certificate NAME /SUBJECT [SAN]: $state/pki/NAME.{key,crt} of the cluster's authority
certificate() (
  cd "$state/pki"
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "$2" | openssl x509 -req -days 2 -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" \
    -extfile <(echo 'extendedKeyUsage=serverAuth,clientAuth'; [ -z "${3:-}" ] || echo "subjectAltName=$3") -out "$1.crt" 2> /dev/null
)

# authority: the cluster's CA, and the key of service account tokens (RSA: they are RS256)
authority() (
  mkdir -p "$state/pki"
  cd "$state/pki"
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj /CN=mc-gate-e2e -days 2 -out ca.crt
  openssl genrsa -out sa.key 2048 2> /dev/null
  openssl rsa -in sa.key -pubout -out sa.pub 2> /dev/null
  certificate apiserver /CN=kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$service_ip,IP:$node_ip"
  certificate admin /O=system:masters/CN=admin
  certificate controller-manager /CN=system:kube-controller-manager
  front_proxy
)

# front_proxy: what the API server shows to those whom it calls, of an authority of its own as kubeadm has it
front_proxy() {
  openssl ecparam -name prime256v1 -genkey -noout -out front-proxy-ca.key
  openssl req -x509 -new -key front-proxy-ca.key -subj /CN=front-proxy-ca -days 2 -out front-proxy-ca.crt
  openssl ecparam -name prime256v1 -genkey -noout -out front-proxy-client.key
  openssl req -new -key front-proxy-client.key -subj /CN=front-proxy-client | openssl x509 -req -days 2 -CA front-proxy-ca.crt \
    -CAkey front-proxy-ca.key -set_serial "0x$(openssl rand -hex 8)" -extfile <(echo extendedKeyUsage=clientAuth) \
    -out front-proxy-client.crt 2> /dev/null
}

# webhook_callers: the files of deploy/callers/kubeadm, with this cluster's folder in the place of /etc/kubernetes. The
# classes of the system are limited to namespaces with a quota for them, as GKE has it.
webhook_callers() {
  local file shipped=$here/../../../deploy/callers/kubeadm
  [ -d "$shipped" ] || shipped=$here/../../../../deploy/callers/kubeadm # from node/
  mkdir -p "$state/mc-gate"
  for file in admission.yaml webhook-kubeconfig.yaml; do
    sed "s#/etc/kubernetes/#$state/#g" "$shipped/$file" > "$state/mc-gate/$file"
  done
  cat >> "$state/mc-gate/admission.yaml" << EOC
  - name: ResourceQuota
    configuration:
      apiVersion: apiserver.config.k8s.io/v1
      kind: ResourceQuotaConfiguration
      limitedResources:
        - resource: pods
          matchScopes:
            - { scopeName: PriorityClass, operator: In, values: [system-cluster-critical, system-node-critical] }
EOC
}

# kubeconfig NAME PORT: $state/NAME.kubeconfig, which uses the certificate of that name
kubeconfig() {
  cat > "$state/$1.kubeconfig" << EOC
apiVersion: v1
kind: Config
clusters:
- name: e2e
  cluster:
    server: https://127.0.0.1:$2
    certificate-authority-data: $(base64 -w0 "$state/pki/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$state/pki/$1.crt")
    client-key-data: $(base64 -w0 "$state/pki/$1.key")
contexts:
- name: e2e
  context: {cluster: e2e, user: $1}
current-context: e2e
EOC
}

# start NAME COMMAND...: in the background; output in $state/log/NAME.log, pid in $pids
pids=$state/pids
start() {
  local name=$1
  shift
  setsid "$@" > "$state/log/$name.log" 2>&1 < /dev/null &
  echo "$! $name" >> "$pids"
}

# etcd CLIENT_PORT PEER_PORT; it forgets on a power cut, which makes it fast
etcd() {
  local client=http://127.0.0.1:$1 peer=http://127.0.0.1:$2
  start etcd "$bin/etcd" --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn --name e2e \
    --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "e2e=$peer"
}

# apiserver PORT ETCD_PORT FLAG...
apiserver() {
  local port=$1 etcd_port=$2 pki=$state/pki
  shift 2
  webhook_callers
  start kube-apiserver "$bin/kube-apiserver" --secure-port "$port" --etcd-servers "http://127.0.0.1:$etcd_port" \
    --client-ca-file "$pki/ca.crt" --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$pki/sa.pub" \
    --service-account-signing-key-file "$pki/sa.key" --service-cluster-ip-range "$service_cidr" \
    --requestheader-client-ca-file "$pki/front-proxy-ca.crt" --requestheader-allowed-names front-proxy-client \
    --proxy-client-cert-file "$pki/front-proxy-client.crt" --proxy-client-key-file "$pki/front-proxy-client.key" \
    --admission-control-config-file "$state/mc-gate/admission.yaml" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged=true "$@"
}

# controller_manager PORT: makes service accounts and the pods of workloads. It
# lists everything at its start, which the default rate limit makes 5 s slower.
controller_manager() {
  kubeconfig controller-manager "$1"
  start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$state/controller-manager.kubeconfig" \
    --service-account-private-key-file "$state/pki/sa.key" --root-ca-file "$state/pki/ca.crt" \
    --use-service-account-credentials --leader-elect=false --secure-port=0 --kube-api-qps 500 --kube-api-burst 1000
}

# within SECONDS WHAT COMMAND...: repeats COMMAND until it succeeds
within() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then
      echo "gave up waiting for $what; logs: $state/log" >&2
      tail -n 5 "$state"/log/*.log >&2
      return 1
    fi
    sleep 0.1
  done
}

api_ready() {
  [ "$(curl -sS --max-time 5 --cacert "$state/pki/ca.crt" --cert "$state/pki/admin.crt" --key "$state/pki/admin.key" "https://127.0.0.1:$1/readyz")" = ok ]
}

kubectl() { "$bin/kubectl" --kubeconfig "$state/admin.kubeconfig" --request-timeout 10s "$@"; }

# free_ports COUNT: the first of that many ports in a row that nobody listens
# on, below the range from which the kernel hands out ports by itself
free_ports() {
  local first offset
  while :; do
    first=$((20000 + RANDOM % 10000))
    for ((offset = 0; offset < $1; offset++)); do
      if (true 3<> "/dev/tcp/127.0.0.1/$((first + offset))") 2> /dev/null; then continue 2; fi
    done
    echo "$first"
    return
  done
}
