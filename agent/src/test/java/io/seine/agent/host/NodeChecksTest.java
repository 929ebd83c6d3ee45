package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.netlink.Link;
import io.seine.ovsdb.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeChecksTest {
  @TempDir private Path directory;

  private static Link device(int mtu) {
    return new Link(2, "eth0", Optional.empty(), Optional.empty(), mtu, true, 0);
  }

  @Test
  void aNodeThatDoesNotForwardIsToldHowTo() throws Exception {
    Path setting = directory.resolve("net/ipv4/ip_forward");
    Files.createDirectories(directory.resolve("net/ipv4"));
    Files.writeString(setting, "0\n");
    IpForwarding forwarding = new IpForwarding(directory);
    assertThat(forwarding.problem().orElseThrow()).contains("sysctl -w net.ipv4.ip_forward=1");

    forwarding.enable();

    assertThat(Files.readString(setting)).isEqualTo("1\n");
    assertThat(forwarding.problem()).isEmpty();
  }

  @Test
  void theDatapathIsTheKernelsWhereItsModuleIs() throws Exception {
    assertThat(Datapaths.detect(directory)).isEqualTo("netdev");

    Files.createDirectory(directory.resolve("openvswitch"));

    assertThat(Datapaths.detect(directory)).isEqualTo("system");
  }

  @ParameterizedTest
  @CsvSource({"1500,false,1450", "1500,true,1430", "9000,false,8950", "65536,false,65000"})
  void podsGetWhatTheTunnelLeaves(int underlay, boolean overIpv6, int pods) throws Exception {
    assertThat(new Transport(device(underlay)).podMtu(overIpv6)).isEqualTo(pods);
  }

  @Test
  void anUnderlayThatLeavesTooLittleIsRefused() {
    assertThatThrownBy(() -> new Transport(device(1300)).podMtu(false))
        .hasMessageContaining("device eth0 has an MTU of 1300, which leaves 1250 for pods");
  }

  @Test
  void aUserspaceSwitchNeedsTheNodesAddressOnABridge() {
    assertThat(UnderlayBridge.problem(Snapshot.EMPTY, device(1500)).orElseThrow())
        .contains("the node's address is on eth0")
        .contains("put the network card on a netdev bridge");
  }
}
