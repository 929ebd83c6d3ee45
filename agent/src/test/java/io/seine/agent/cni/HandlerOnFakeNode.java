package io.seine.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.seine.agent.ipam.AddressPools;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A handler of CNI requests on a node in memory, and how tests ask it. */
abstract class HandlerOnFakeNode {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String CONF = "{\"cniVersion\":\"1.1.0\",\"name\":\"seine\",\"type\":\"seine\"}";
  static final String NETNS = "/run/netns/pod";

  final FakeNode node = new FakeNode();
  AddressPools pools = FakeNode.pools("10.10.1.0/24");
  CniHandler handler = handler();

  CniHandler handler() {
    return new CniHandler(node.node(pools), InstantSource.system(), (command, code, took) -> {});
  }

  @BeforeEach
  void namespace() {
    node.namespace(NETNS);
  }

  static InvokeRequest request(String command, String id, String netns, String conf) {
    return InvokeRequest.newBuilder()
        .setCommand(command)
        .setContainerId(id)
        .setIfname("eth0")
        .setNetns(netns)
        .setArgs(
            "K8S_POD_UID=1-2;K8S_POD_NAME=hello-kubernetes-x;IgnoreUnknown=1;"
                + "K8S_POD_NAMESPACE=default")
        .setStdin(ByteString.copyFromUtf8(conf))
        .build();
  }

  InvokeReply invoke(InvokeRequest request) {
    return handler.invoke(request, Deadline.after(10, TimeUnit.SECONDS));
  }

  InvokeReply add(String id) {
    return invoke(request("ADD", id, NETNS, CONF));
  }

  static JsonNode json(InvokeReply reply) throws IOException {
    return JSON.readTree(reply.getStdout().toByteArray());
  }

  void assertError(InvokeReply reply, int code, String text) throws IOException {
    assertThat(reply.getExitCode()).isEqualTo(1);
    assertThat(json(reply).path("code").asInt())
        .as(reply.getStdout().toStringUtf8())
        .isEqualTo(code);
    assertThat(reply.getStdout().toStringUtf8()).contains(text);
  }
}
