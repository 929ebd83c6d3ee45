package io.seine.agent.cni;

/**
 * What CNI identifies an interface of a pod by (SPEC 1.1.0, "Parameters").
 *
 * @param containerId CNI_CONTAINERID
 * @param ifname CNI_IFNAME, the device's name in the pod
 */
public record Attachment(String containerId, String ifname) {
  @Override
  public String toString() {
    return containerId + "/" + ifname;
  }
}
