package io.seine.cli.bench;

import io.seine.sandbox.node.Cidr;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Services as the API has them, made up from a number each: one TCP port, one EndpointSlice with
 * ten endpoints, the size of real objects.
 */
final class SyntheticServices {
  static final int ENDPOINTS = 10;
  static final String POD_CIDR = "10.128.0.0/10";
  static final String SERVICE_CIDR = "10.96.0.0/12";
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
    "selector":{"app":"%1$s"},"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}]},\
    "status":{"loadBalancer":{}}}\
    """
        .formatted(
            name(number),
            namespace(number),
            uid(1, number),
            number % 100,
            address(CLUSTER_IPS + number));
  }

  /**
   * The slice of a service.
   *
   * @param generation counts its changes; the first endpoint's address differs between two of them
   */
  static String slice(int number, long generation) {
    String endpoints =
        IntStream.range(0, ENDPOINTS)
            .mapToObj(i -> endpoint(number, i == 0 && generation % 2 == 1 ? ENDPOINTS : i))
            .collect(Collectors.joining(","));
    return """
    {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"%1$s-abcde",\
    "namespace":"%2$s","uid":"%3$s","resourceVersion":"%4$d","generation":%4$d,\
    "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"%1$s",\
    "kubernetes.io/service-name":"%1$s",\
    "endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"},\
    "ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"%1$s","uid":"%5$s",\
    "controller":true,"blockOwnerDeletion":true}]},\
    "addressType":"IPv4","ports":[{"name":"http","protocol":"TCP","port":8080}],\
    "endpoints":[%6$s]}\
    """
        .formatted(
            name(number),
            namespace(number),
            uid(2, number),
            generation + 1,
            uid(1, number),
            endpoints);
  }

  private static String endpoint(int number, int index) {
    return """
    {"addresses":["%1$s"],"conditions":{"ready":true,"serving":true,"terminating":false},\
    "nodeName":"node-%2$d","targetRef":{"kind":"Pod","namespace":"%3$s",\
    "name":"%4$s-5d8f7c9b6-%2$d","uid":"%5$s"}}\
    """
        .formatted(
            address(ENDPOINT_IPS + 16 * number + index),
            2 + index,
            namespace(number),
            name(number),
            uid(3 + index, number));
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

  static List<String> services(int count) {
    return IntStream.range(0, count).mapToObj(SyntheticServices::service).toList();
  }

  static List<String> slices(int count) {
    return IntStream.range(0, count).mapToObj(i -> slice(i, 0)).toList();
  }

  private static String name(int number) {
    return "service-" + number;
  }

  private static String namespace(int number) {
    return "namespace-" + number % 50;
  }

  private static String uid(int kind, int number) {
    return "%08x-0000-4000-8000-%012x".formatted(kind, number);
  }

  private static String address(int value) {
    return Cidr.formatAddress(value);
  }
}
