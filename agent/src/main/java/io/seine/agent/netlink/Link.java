package io.seine.agent.netlink;

import io.seine.openflow.Mac;
import java.util.Optional;

/**
 * A network device, as RTM_GETLINK tells it.
 *
 * @param index the interface index in its namespace
 * @param kind {@code veth}, {@code bridge} ...; empty for physical devices
 * @param mac empty if the device has no Ethernet address
 * @param mtu bytes
 * @param up whether it is administratively up
 * @param group the device group, 0 unless someone set it
 */
public record Link(
    int index,
    String name,
    Optional<String> kind,
    Optional<Mac> mac,
    int mtu,
    boolean up,
    int group) {}
