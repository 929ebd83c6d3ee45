package io.seine.agent.cni;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The pod ports of the bridge, in OVSDB. Thread safe; calls block. */
public interface PodPorts {
  /** Every pod port there is. */
  List<PodPort> list() throws IOException;

  /** The port of an attachment. */
  Optional<PodPort> find(Attachment attachment) throws IOException;

  /**
   * Inserts port, interface and lease in one transaction and waits for OVS to number the port.
   *
   * @return the OpenFlow port number
   * @throws IOException if the transaction was refused, or OVS could not open the device, with its
   *     error; the row may be left behind, {@link #remove} takes it away
   */
  int add(PodPort port, Duration timeout) throws IOException, InterruptedException;

  /** The number OVS gave the port; empty if it has none, as after its device is gone. */
  Optional<Integer> ofport(String portName) throws IOException;

  /** Removes the row; whether it was there. */
  boolean remove(String portName) throws IOException;
}
