extension OperationDescriptions {
    static let v1Uploads = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["filename","purpose","bytes","mime_type"],"additionalProperties":true,"properties":{"filename":{"type":"string","minLength":1,"maxLength":1024},"purpose":{"enum":["assistants","user_data","file-extract","batch"]},"bytes":{"type":"integer","minimum":1,"maximum":524288000,"description":"What all parts have together: at most 150 MB, a picture 20 MB; for `batch` 500 MB."},"mime_type":{"type":"string","minLength":1,"maxLength":255},"expires_after":{"type":["object","null"],"description":"Reported, without effect."}}},"example":{"filename":"requests.jsonl","purpose":"batch","bytes":134217728,"mime_type":"text/jsonl"}}}},
        "responses":{"200":{"description":"The upload.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Upload"}}}},"401":{"$ref":"#/components/responses/Error"},"413":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1UploadsIdParts = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}},{"name":"x-gateway-strict","in":"header","schema":{"enum":["true","false"]}}],
        "requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object","required":["data"],"properties":{"data":{"type":"string","format":"binary","description":"At most 64 MB."}}}}}},
        "responses":{"200":{"description":"The part.","headers":{"x-request-id":{"schema":{"type":"string"}},"x-gateway-adjustments":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/UploadPart"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"413":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1UploadsIdComplete = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["part_ids"],"additionalProperties":true,"properties":{"part_ids":{"type":"array","minItems":1,"items":{"type":"string"},"description":"In the order of the file."},"md5":{"type":["string","null"],"description":"Of the whole file, 32 hexadecimal digits."}}},"example":{"part_ids":["part_0a1b","part_2c3d"]}}}},
        "responses":{"200":{"description":"The upload with its file.","headers":{"x-request-id":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Upload"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##

    static let v1UploadsIdCancel = ##"""
        {"security":[{"key":[]}],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
        "responses":{"200":{"description":"The upload.","headers":{"x-request-id":{"schema":{"type":"string"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Upload"}}}},"401":{"$ref":"#/components/responses/Error"},"404":{"$ref":"#/components/responses/Error"},"405":{"$ref":"#/components/responses/MethodNotAllowed"},"429":{"$ref":"#/components/responses/RateLimited"},"default":{"$ref":"#/components/responses/Error"}}}
        """##
}
