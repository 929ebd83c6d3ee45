package io.seine.agent.dns;

import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the addresses that connections are open to, by what the switch tracks. */
final class OpenConnections {
  // tcp,orig=(src=10.0.1.2,dst=192.0.2.3,sport=4000,dport=443),reply=(src=192.0.2.3,...),zone=65520,...
  private static final Pattern LINE = Pattern.compile("[a-z0-9]+,orig=.*,reply=\\(src=([^,)]+),.*");

  private final UdpSweep.Connections tracked;

  OpenConnections(UdpSweep.Connections tracked) {
    this.tracked = tracked;
  }

  /** Those of these addresses that answer in a connection. */
  Set<Ip> among(Set<Ip> addresses) throws IOException {
    Map<String, Ip> texts = new HashMap<>();
    addresses.forEach(address -> texts.put(address.toString(), address));
    Set<Ip> found = new HashSet<>();
    tracked.read(line -> {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        Ip address = texts.get(matcher.group(1));
        if (address != null) {
          found.add(address);
        }
      }
    });
    return found;
  }
}
