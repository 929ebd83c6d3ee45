package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.netlink.Link;
import io.seine.openflow.Family;
import io.seine.ovsdb.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeChecksTest {
  @TempDir private Path directory;

  private static Link device(int mtu) {
    return new Link(2, "eth0", Optional.empty(), Optional.empty(), mtu, true, 0);
  }

  private Path setting(String name, String value) throws Exception {
    Path file = directory.resolve("net").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, value + "\n");
  }

  @Test
  void aNodeThatDoesNotForwardIsToldHowTo() throws Exception {
    Path forward = setting("ipv4/ip_forward", "0");
    IpForwarding forwarding = new IpForwarding(directory);
    assertThat(forwarding.problem(Set.of(Family.IPV4)).orElseThrow())
        .contains("run 'sysctl -w net.ipv4.ip_forward=1' and")
        .doesNotContain("accept_ra");

    forwarding.enable(Set.of(Family.IPV4));

    assertThat(Files.readString(forward)).isEqualTo("1\n");
    assertThat(forwarding.problem(Set.of(Family.IPV4))).isEmpty();
  }

  @Test
  void forwardingIpv6DoesNotCostTheNodeItsOwnDefaultRoute() throws Exception {
    Path forward = setting("ipv6/conf/all/forwarding", "0");
    Path uplink = setting("ipv6/conf/eth0/accept_ra", "1");
    Path fixed = setting("ipv6/conf/eth1/accept_ra", "0");
    Path all = setting("ipv6/conf/all/accept_ra", "1");
    IpForwarding forwarding = new IpForwarding(directory);
    assertThat(forwarding.problem(Set.of(Family.IPV6)).orElseThrow())
        .contains("run 'sysctl -w net.ipv6.conf.all.forwarding=1' and")
        .contains("net.ipv6.conf.DEVICE.accept_ra=2");
    assertThat(forwarding.unheardAdvertisements("eth0")).isEmpty();

    forwarding.enable(Set.of(Family.IPV6));

    assertThat(Files.readString(forward)).isEqualTo("1\n");
    assertThat(Files.readString(uplink)).isEqualTo("2\n");
    assertThat(Files.readString(fixed)).isEqualTo("0\n");
    assertThat(Files.readString(all)).isEqualTo("1\n");
    assertThat(forwarding.unheardAdvertisements("eth0")).isEmpty();
  }

  @Test
  void anUplinkThatHearsNoAdvertisementsAnyMoreIsNamed() throws Exception {
    setting("ipv6/conf/all/forwarding", "1");
    setting("ipv6/conf/eth0/accept_ra", "1");

    assertThat(new IpForwarding(directory).unheardAdvertisements("eth0").orElseThrow())
        .contains("sysctl -w net.ipv6.conf.eth0.accept_ra=2");
  }

  @Test
  void aKernelWithoutIpv6IsNoNodeOfAnIpv6Cluster() throws Exception {
    setting("ipv4/ip_forward", "1");

    assertThatThrownBy(() -> new IpForwarding(directory).problem(Set.of(Family.IPV6)))
        .hasMessageContaining("this kernel has no net.ipv6.conf.all.forwarding");
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
