/// The schemas of the Videos API.
extension OpenAPISchemas {
    /// Members of `components.schemas`.
    static let videos = [
        ##"""
        "VideoRequest":{"type":"object","required":["model"],"additionalProperties":true,"properties":{"model":{"type":"string","minLength":1},"prompt":{"type":["string","null"]},"seconds":{"type":["string","number","null"],"examples":["5"]},"duration":{"type":["string","number","null"]},"size":{"type":["string","null"],"examples":["1280x720","720P","auto"]},"resolution":{"type":["string","null"]},"ratio":{"type":["string","null"]},"input_reference":{"description":"The first frame, or the image to go by: a URL, a data URL, or an object with `image_url`."},"last_frame":{},"reference_images":{},"video":{},"audio_url":{},"media":{"type":["array","null"],"items":{"type":"object"}},"negative_prompt":{"type":["string","null"]},"seed":{"type":["integer","string","null"]},"prompt_extend":{"type":["boolean","string","null"]},"watermark":{"type":["boolean","string","null"]},"audio":{"type":["boolean","string","null"]},"metadata":{"type":["object","null"]}}}
        """##,
        ##"""
        "VideoRemixRequest":{"type":"object","additionalProperties":true,"properties":{"model":{"type":["string","null"],"description":"Needed where the model of the video makes none of another."},"prompt":{"type":["string","null"]},"seconds":{"type":["string","number","null"],"examples":["5"]},"duration":{"type":["string","number","null"]},"size":{"type":["string","null"],"examples":["1280x720","720P","auto"]},"resolution":{"type":["string","null"]},"ratio":{"type":["string","null"]},"input_reference":{"description":"The first frame, or the image to go by: a URL, a data URL, or an object with `image_url`."},"last_frame":{},"reference_images":{},"video":{},"audio_url":{},"media":{"type":["array","null"],"items":{"type":"object"}},"negative_prompt":{"type":["string","null"]},"seed":{"type":["integer","string","null"]},"prompt_extend":{"type":["boolean","string","null"]},"watermark":{"type":["boolean","string","null"]},"audio":{"type":["boolean","string","null"]},"metadata":{"type":["object","null"]}}}
        """##,
        ##"""
        "Video":{"type":"object","required":["id","object","model","status","progress","created_at","completed_at","expires_at","prompt","size","seconds","remixed_from_video_id","error"],"properties":{"id":{"type":"string"},"object":{"const":"video"},"model":{"type":["string","null"]},"status":{"enum":["queued","in_progress","completed","failed"]},"progress":{"type":"integer"},"created_at":{"type":"integer"},"completed_at":{"type":["integer","null"]},"expires_at":{"type":["integer","null"]},"prompt":{"type":["string","null"]},"size":{"type":["string","null"]},"seconds":{"type":["string","null"]},"remixed_from_video_id":{"type":["string","null"]},"error":{"anyOf":[{"type":"null"},{"type":"object","required":["code","message"]}]},"url":{"type":"string"},"usage":{"type":"object"}}}
        """##,
        ##"""
        "VideoGeneration":{"type":"object","required":["task_id","status"],"properties":{"task_id":{"type":"string"},"status":{"enum":["queued","in_progress","completed","failed"]},"url":{"type":"string"},"format":{"type":"string"},"metadata":{"type":"object"},"error":{"type":"object","required":["code","message"]}}}
        """##,
    ]
}
