package io.seine.cli.bench;

import io.seine.sandbox.node.Cidr;
import java.util.ArrayList;
import java.util.List;

/** Services as the API has them, made up from a number each; the size of real objects. */
final class SyntheticServices {
  static final String POD_CIDR = "10.128.0.0/10";
  static final String SERVICE_CIDR = "10.96.0.0/12";

  /** Of every service, and of every endpoint. */
  static final int PORT = 80;

  static final int TARGET_PORT = 8080;
  private static final int CLUSTER_IPS = 0x0a600100; // 10.96.1.0
  private static final int ENDPOINT_IPS = 0x0a810000; // 10.129.0.0, of other nodes

  private SyntheticServices() {}

  static String service(int number) {
    return """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"%1$s","namespace":"%2$s","uid":"%3$s",\
    "resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"%1$s"},\
    "annotations":{"example.org/owner":"team-%4$d"}},\
    "spec":{"type":"ClusterIP","clusterIP":"%5$s","clusterIPs":["%5$s"],"ipFamilies":["IPv4"],\
    "ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster","sessionAffinity":"None",\
    "selector":{"app":"%1$s"},\
    "ports":[{"name":"http","protocol":"TCP","port":%6$d,"targetPort":%7$d}]},\
    "status":{"loadBalancer":{}}}\
    """
        .formatted(
            name(number),
            namespace(number),
            uid(1, number),
            number % 100,
            clusterIp(number),
            PORT,
            TARGET_PORT);
  }

  /**
   * One of a service's slices.
   *
   * @param part tells the service's slices apart
   * @param generation counts the slice's changes
   * @param addresses the endpoints', each of a node of its own
   */
  static String slice(int number, int part, long generation, List<String> addresses) {
    List<String> endpoints = new ArrayList<>();
    for (String address : addresses) {
      endpoints.add(endpoint(number, 100 * part + endpoints.size(), address));
    }
    return """
    {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"%1$s-%2$05d",\
    "namespace":"%3$s","uid":"%4$s","resourceVersion":"%5$d","generation":%5$d,\
    "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"%1$s",\
    "kubernetes.io/service-name":"%1$s",\
    "endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"},\
    "ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"%1$s","uid":"%6$s",\
    "controller":true,"blockOwnerDeletion":true}]},\
    "addressType":"IPv4","ports":[{"name":"http","protocol":"TCP","port":%7$d}],\
    "endpoints":[%8$s]}\
    """
        .formatted(
            name(number),
            part,
            namespace(number),
            uid(2, 1000 * number + part),
            generation + 1,
            uid(1, number),
            TARGET_PORT,
            String.join(",", endpoints));
  }

  private static String endpoint(int number, int index, String address) {
    return """
    {"addresses":["%1$s"],"conditions":{"ready":true,"serving":true,"terminating":false},\
    "nodeName":"node-%2$d","targetRef":{"kind":"Pod","namespace":"%3$s",\
    "name":"%4$s-5d8f7c9b6-%2$d","uid":"%5$s"}}\
    """
        .formatted(address, 2 + index, namespace(number), name(number), uid(3 + index, number));
  }

  /** The one node of the cluster. */
  static String node(String name, String podCidr, String address) {
    return """
    {"apiVersion":"v1","kind":"Node","metadata":{"name":"%1$s","uid":"%2$s","resourceVersion":"1"},\
    "spec":{"podCIDR":"%3$s","podCIDRs":["%3$s"]},\
    "status":{"addresses":[{"type":"InternalIP","address":"%4$s"}]}}\
    """
        .formatted(name, uid(0, 0), podCidr, address);
  }

  static String clusterIp(int number) {
    return Cidr.formatAddress(CLUSTER_IPS + number);
  }

  /** An address that no pod of the node has, another for each number from 0. */
  static String remote(int number) {
    return Cidr.formatAddress(ENDPOINT_IPS + number);
  }

  static String name(int number) {
    return "service-" + number;
  }

  static String namespace(int number) {
    return "namespace-" + number % 50;
  }

  private static String uid(int kind, int number) {
    return "%08x-0000-4000-8000-%012x".formatted(kind, number);
  }
}
