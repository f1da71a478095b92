"""What rows hold that the simulator itself does not care about."""

from typing import Any

import orjson

Row = dict[str, Any]

MONITOR: Row = orjson.loads("""
    {"Id": 1, "Name": "FrontDoor", "Notes": null, "ServerId": 0, "StorageId": 0, "Type": "Ffmpeg",
    "Function": "Modect", "Enabled": 1, "DecodingEnabled": 1, "LinkedMonitors": null, "Triggers": "",
    "ONVIF_URL": "", "ONVIF_Username": "", "ONVIF_Password": "", "ONVIF_Options": "", "Device": "''",
    "Channel": 0, "Format": 0, "V4LMultiBuffer": null, "V4LCapturesPerFrame": null, "Protocol": null,
    "Method": "", "Host": null, "Port": "", "SubPath": "", "Path": null, "SecondPath": null, "Options": null,
    "User": null, "Pass": null, "Width": 640, "Height": 480, "Colours": 4, "Palette": 0,
    "Orientation": "ROTATE_0", "Deinterlacing": 0, "DecoderHWAccelName": null, "DecoderHWAccelDevice": null,
    "SaveJPEGs": 1, "VideoWriter": 0, "OutputCodec": 0, "Encoder": null, "OutputContainer": null,
    "EncoderParameters": null, "RecordAudio": 0, "RTSPDescribe": null, "Brightness": -1, "Contrast": -1,
    "Hue": -1, "Colour": -1, "EventPrefix": "Event-", "LabelFormat": "", "LabelX": 0, "LabelY": 0,
    "LabelSize": 1, "ImageBufferCount": 10, "MaxImageBufferCount": 100, "WarmupCount": 0, "PreEventCount": 2,
    "PostEventCount": 10, "StreamReplayBuffer": 0, "AlarmFrameCount": 1, "SectionLength": 60,
    "MinSectionLength": 5, "FrameSkip": 0, "MotionFrameSkip": 0, "AnalysisFPSLimit": null,
    "AnalysisUpdateDelay": 0, "MaxFPS": "5.00", "AlarmMaxFPS": "5.00", "FPSReportInterval": 20,
    "RefBlendPerc": 6, "AlarmRefBlendPerc": 6, "Controllable": 0, "ControlId": null, "ControlDevice": null,
    "ControlAddress": null, "AutoStopTimeout": null, "TrackMotion": 0, "TrackDelay": null, "ReturnLocation": -1,
    "ReturnDelay": null, "ModectDuringPTZ": 0, "DefaultRate": 100, "DefaultScale": 100, "DefaultCodec": "auto",
    "SignalCheckPoints": 0, "SignalCheckColour": "#0000BE", "WebColour": "#3a6ea5", "Exif": false,
    "Sequence": null, "ZoneCount": 1, "Refresh": null, "Latitude": null, "Longitude": null, "RTSPServer": false,
    "RTSPStreamName": "", "Importance": "Normal"}
""")
"""As captured from 1.36.33."""

MONITOR_OF_1_38: Row = orjson.loads("""
    {"Deleted": false, "ManufacturerId": null, "ModelId": null, "Capturing": "Always", "Analysing": "Always",
    "AnalysisSource": "Primary", "AnalysisImage": "FullColour", "Recording": "OnMotion", "Decoding": "Always",
    "JanusEnabled": false, "JanusAudioEnabled": false, "Janus_Profile_Override": "",
    "Janus_Use_RTSP_Restream": false, "Janus_RTSP_User": null, "Janus_RTSP_Session_Timeout": 0,
    "RTSP2WebEnabled": false, "RTSP2WebType": "WebRTC", "EventStartCommand": "", "EventEndCommand": "",
    "ONVIF_Events_Path": "/Events", "ONVIF_Event_Listener": false, "ONVIF_Alarm_Text": "MotionAlarm",
    "use_Amcrest_API": false, "Decoder": null, "WallClockTimestamps": 0, "RecordingSource": "Primary",
    "SectionLengthWarn": true, "EventCloseMode": "system", "SOAP_wsa_compl": true, "MQTT_Enabled": false,
    "MQTT_Subscriptions": "", "StartupDelay": 0}
""")
"""What 1.37 and 1.38 added, from the published source: db/zm_create.sql.in. `Function` stayed, and drives nothing."""

EVENT: Row = orjson.loads("""
    {"Id": 3, "MonitorId": 2, "StorageId": 0, "SecondaryStorageId": 0, "Name": "Event-1", "Cause": "Forced Web",
    "StartDateTime": "2026-11-21 19:49:32", "EndDateTime": "2026-11-21 19:49:43", "Width": 320, "Height": 240,
    "Length": "11.00", "Frames": 55, "AlarmFrames": 1, "DefaultVideo": "", "SaveJPEGs": 1, "TotScore": 40,
    "AvgScore": 40, "MaxScore": 60, "Archived": 0, "Videoed": 0, "Uploaded": 0, "Emailed": 0, "Messaged": 0,
    "Executed": 0, "Notes": "", "StateId": 1, "Orientation": "ROTATE_0", "DiskSpace": 100001, "Scheme": "Medium",
    "Locked": false}
""")
"""As captured from 1.36.33."""

EVENT_OF_1_38: Row = {"Latitude": None, "Longitude": None}
"""From the published source: db/zm_create.sql.in."""

ZONE: Row = orjson.loads("""
    {"Id": 1, "MonitorId": 1, "Name": "All", "Type": "Active", "Units": "Pixels", "NumCoords": 4,
    "Coords": "0,0 319,0 319,239 0,239", "Area": 76800, "AlarmRGB": 16711680, "CheckMethod": "Blobs",
    "MinPixelThreshold": 25, "MaxPixelThreshold": null, "MinAlarmPixels": 200, "MaxAlarmPixels": null,
    "FilterX": 3, "FilterY": 3, "MinFilterPixels": 150, "MaxFilterPixels": null, "MinBlobPixels": 100,
    "MaxBlobPixels": null, "MinBlobs": 1, "MaxBlobs": null, "OverloadFrames": 0, "ExtendAlarmFrames": 0}
""")

NO_STORAGE: Row = dict.fromkeys(
    ("Id", "Path", "Name", "Type", "Url", "DiskSpace", "Scheme", "ServerId", "DoDelete", "Enabled")
)

FUNCTIONS: tuple[str, ...] = ("None", "Monitor", "Modect", "Record", "Mocord", "Nodect")
CHOICES: dict[str, tuple[str, ...]] = {"Function": FUNCTIONS}
CHOICES_OF_1_38: dict[str, tuple[str, ...]] = {
    **CHOICES,
    "Capturing": ("None", "Ondemand", "Always"),
    "Analysing": ("None", "Always"),
    "Recording": ("None", "OnMotion", "Always"),
}
UPGRADES: dict[str, tuple[str, str, str]] = {
    "None": ("None", "None", "Always"),
    "Monitor": ("Always", "None", "None"),
    "Modect": ("Always", "Always", "OnMotion"),
    "Record": ("Always", "None", "Always"),
    "Mocord": ("Always", "Always", "Always"),
    "Nodect": ("Always", "None", "OnMotion"),
}
"""What an upgrade makes of a function, from the published source: capturing, analysing, recording."""
