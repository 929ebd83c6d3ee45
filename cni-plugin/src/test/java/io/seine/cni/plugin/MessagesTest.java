package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our encoding and decoding against the generated classes of the contract. */
class MessagesTest {
  @Test
  void theRequestIsWhatTheContractSays() throws Exception {
    byte[] stdin = new byte[300];
    new Random(1).nextBytes(stdin);
    FakeOs os =
        new FakeOs(
            Map.of(
                "CNI_CONTAINERID",
                "c1",
                "CNI_NETNS",
                "/run/netns/\u00e9",
                "CNI_IFNAME",
                "eth0",
                "CNI_ARGS",
                "A=1;B=2",
                "CNI_PATH",
                "/opt/cni/bin"));
    byte[] encoded = new InvokeRequest("ADD", Environment.of(os, Operation.ADD), stdin).encode();
    assertThat(io.seine.cni.api.v1.InvokeRequest.parseFrom(encoded))
        .isEqualTo(
            io.seine.cni.api.v1.InvokeRequest.newBuilder()
                .setCommand("ADD")
                .setContainerId("c1")
                .setNetns("/run/netns/\u00e9")
                .setIfname("eth0")
                .setArgs("A=1;B=2")
                .setPath("/opt/cni/bin")
                .setStdin(ByteString.copyFrom(stdin))
                .build());
  }

  @Test
  void emptyFieldsAreLeftOut() throws Exception {
    byte[] encoded =
        new InvokeRequest("GC", Environment.of(new FakeOs(Map.of()), Operation.GC), new byte[0])
            .encode();
    assertThat(encoded)
        .isEqualTo(
            io.seine.cni.api.v1.InvokeRequest.newBuilder().setCommand("GC").build().toByteArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 255})
  void repliesAreDecoded(int code) throws Exception {
    byte[] stdout = new byte[code * 10];
    new Random(code).nextBytes(stdout);
    byte[] encoded = reply(code, stdout);
    assertThat(InvokeReply.decode(encoded).exitCode()).isEqualTo(code);
    assertThat(InvokeReply.decode(encoded).stdout()).isEqualTo(stdout);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 256, 512, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aCodeThatNoProcessCanEndWithIsAFailure(int code) throws Exception {
    assertThat(InvokeReply.decode(reply(code, new byte[0])).exitCode()).isEqualTo(1);
  }

  @Test
  void fieldsOfLaterVersionsAreSkipped() throws Exception {
    // field 3 varint, 4 fixed64, 5 bytes, 6 fixed32, then field 1 twice
    byte[] encoded =
        HexFormat.of()
            .parseHex("188001" + "210102030405060708" + "2a0141" + "3501020304" + "0805" + "0807");
    assertThat(InvokeReply.decode(encoded).exitCode()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08",
        "0880",
        "088080808080808080808001",
        "12",
        "1205aa",
        "12ffffffffffffffffff01",
        "21",
        "35010203",
        "00",
        "0b",
        "0f",
        "ffffffff7f00"
      })
  void malformedRepliesAreRefused(String hex) {
    assertThatThrownBy(() -> InvokeReply.decode(HexFormat.of().parseHex(hex)))
        .isInstanceOf(CallException.class);
  }

  @Test
  void onMutatedRepliesBothDecodersAgree() {
    byte[] good = reply(3, "{\"cniVersion\":\"1.1.0\"}".getBytes(StandardCharsets.UTF_8));
    Random random = new Random(4);
    int agreed = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = Mutations.of(good, random);
      try {
        InvokeReply ours = InvokeReply.decode(bytes);
        var theirs = io.seine.cni.api.v1.InvokeReply.parseFrom(CodedInputStream.newInstance(bytes));
        assertThat(ours.stdout()).isEqualTo(theirs.getStdout().toByteArray());
        agreed++;
      } catch (CallException | IOException expected) {
        assertThat(expected).isNotNull();
      }
    }
    assertThat(agreed).isGreaterThan(1000);
  }

  private static byte[] reply(int code, byte[] stdout) {
    return io.seine.cni.api.v1.InvokeReply.newBuilder()
        .setExitCode(code)
        .setStdout(ByteString.copyFrom(stdout))
        .build()
        .toByteArray();
  }
}
