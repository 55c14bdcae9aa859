#if Systemd
  import CSystemd

  /// libsystemd's own.
  package enum LibsystemdCalls: ServiceManagerCalls {
    package static func notify(_ message: NotifyMessage) -> Int32 { sd_notify(0, message.text) }

    package static func watchdogInterval() -> UInt64? {
      var microseconds: UInt64 = 0
      return sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds : nil
    }

    package static func passedDescriptors() -> Int32 { sd_listen_fds(0) }
  }
#endif
