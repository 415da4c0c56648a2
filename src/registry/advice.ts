import type { Advice } from "../core/index.ts";

/** What to do about a registry that gives nothing, where the cause says more than the code. */
export const ADVICE = {
  noCredentials: {
    fix: "Give the gate credentials for this host (`pullSecrets` of the chart; a workload's own count only with `pullSecrets.workloads`). For mc, run `docker login` for the host.",
    brief: "Give the gate credentials.",
  },
  refusedCredentials: {
    fix: "Renew the credentials that the message names, or give their account the right to pull this repository.",
    brief: "Renew the credentials.",
  },
  loopback: {
    fix: "Set allowLoopbackUnsafe for this host (`registries.hosts`, for mc in the file of --registries), or name the registry by another address.",
    brief: "Name it by another address.",
  },
  address: {
    fix: "Name the registry by a host whose address is not link-local, metadata or multicast; credentials do not help.",
    brief: "Name it by another address.",
  },
  otherHost: {
    fix: "Take the image from a host that `registries.allowedHosts` names, or have this host added there.",
    brief: "Use an allowed registry.",
  },
  redirect: {
    fix: "Correct where the registry redirects to, or have that host added to `registries.allowedHosts`; credentials do not help.",
    brief: "Correct the registry's redirect.",
  },
  tokenService: {
    fix: "Have the token service's host added to `tokenHosts` of this registry (`registries.hosts`), if it is the registry's own.",
    brief: "Allow its token service.",
  },
  dockerConfig: {
    fix: "Correct the docker config file (`registries.dockerConfigFile`, for mc --docker-config).",
    brief: "Correct the docker config file.",
  },
  cloud: {
    fix: "Give the gate's service account the cloud identity that may pull from this registry (`registries.cloudCredentials`).",
    brief: "Give the gate a cloud identity.",
  },
  certificate: {
    fix: "Renew the registry's certificate, or give the gate the authority that issued it (`caFile` of the host in `registries.hosts`); retrying does not help.",
    brief: "Check the registry's certificate.",
  },
  /** What `cosign copy` leaves under the tag of an image's referrers. */
  lostSignatures: {
    fix: "Sign the digest again in this repository, or copy it there with its signatures (oras cp -r): `cosign copy` leaves an image where the list of signatures belongs.",
    brief: "Sign the digest again here.",
  },
  unknownHost: {
    fix: "Correct the host in the image reference, or check the DNS server that the gate asks.",
    brief: "Check the registry's host name.",
  },
} as const satisfies Record<string, Advice>;
