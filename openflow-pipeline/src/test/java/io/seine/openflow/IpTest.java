package io.seine.openflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.1.2, 10.0.1.2, IPV4",
    "255.255.255.255, 255.255.255.255, IPV4",
    "fd00:10:0:0::2, fd00:10::2, IPV6",
    "FD00:0:0:1:0:0:0:ABCD, fd00:0:0:1::abcd, IPV6",
    "::, ::, IPV6",
    "::1, ::1, IPV6",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8, IPV6",
    "1:0:3:4:5:6:7:8, 1:0:3:4:5:6:7:8, IPV6",
    "64:ff9b::192.0.2.1, 64:ff9b::c000:201, IPV6"
  })
  void anAddressIsReadAndWrittenTheShortWay(String text, String written, Family family) {
    Ip address = Ip.parse(text);

    assertThat(address).hasToString(written);
    assertThat(address.family()).isEqualTo(family);
    assertThat(Ip.of(address.value())).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.1",
        "10.0.1.256",
        "10.0.01.2",
        "a.b.c.d",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "fe80::1%1",
        "[::1]",
        "12345::",
        "::ffff:10.0.0.1",
        "localhost",
        "dead.beef:"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> Ip.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is not an IPv");
  }

  @Test
  void addressesSortByFamilyAndThenUnsigned() {
    assertThat(
            Stream.of(
                    "ffff::",
                    "::1",
                    "200.0.0.1",
                    "fd00::ffff:ffff:ffff:ffff",
                    "10.0.0.1",
                    "fd00::2")
                .map(Ip::parse)
                .sorted())
        .extracting(Ip::toString)
        .containsExactly(
            "10.0.0.1", "200.0.0.1", "::1", "fd00::2", "fd00::ffff:ffff:ffff:ffff", "ffff::");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.255, 1, 10.0.1.0",
    "fd00::ffff:ffff:ffff:ffff, 1, fd00:0:0:1::",
    "fd00:0:0:1::, -1, fd00::ffff:ffff:ffff:ffff",
    "fd00::1, 65535, fd00::1:0"
  })
  void addingCarries(String from, long distance, String to) {
    assertThat(Ip.parse(from).plus(distance)).isEqualTo(Ip.parse(to));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.1.0/24, 10.0.1.77, 10.0.2.0, 10.0.1.255, 77",
    "0.0.0.0/0, 0.0.0.9, ::9, 255.255.255.255, 9",
    "fd00:10::/64, fd00:10::1:2, fd00:11::, fd00:10::ffff:ffff:ffff:ffff, 65538",
    "fd00:10::5/128, fd00:10::5, fd00:10::6, fd00:10::5, 0"
  })
  void aPrefixKnowsItsAddresses(String text, String in, String out, String end, long offset) {
    Ip inside = Ip.parse(in);
    IpPrefix prefix = IpPrefix.parse(text);

    assertThat(prefix).hasToString(text);
    assertThat(prefix.contains(inside)).isTrue();
    assertThat(prefix.contains(Ip.parse(out))).isFalse();
    assertThat(prefix.last()).isEqualTo(Ip.parse(end));
    assertThat(prefix.offsetOf(inside)).isEqualTo(offset);
    assertThat(IpPrefix.around(inside, prefix.length())).isEqualTo(prefix);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.1.0",
        "10.0.1.0/33",
        "10.0.1.1/24",
        "fd00::/129",
        "fd00::1/64",
        "10.0.1.0/-1"
      })
  void whatIsNoPrefixIsRefused(String text) {
    assertThatThrownBy(() -> IpPrefix.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void blocksOverlapWhenOneHoldsTheOther() {
    IpPrefix wide = IpPrefix.parse("fd00::/16");

    assertThat(wide.overlaps(IpPrefix.parse("fd00:1::/64"))).isTrue();
    assertThat(IpPrefix.parse("fd00:1::/64").overlaps(wide)).isTrue();
    assertThat(wide.overlaps(IpPrefix.parse("fe00::/16"))).isFalse();
    assertThat(wide.overlaps(IpPrefix.parse("0.0.0.0/0"))).isFalse();
    assertThat(wide.size()).isEqualTo(BigInteger.TWO.pow(112));
  }
}
